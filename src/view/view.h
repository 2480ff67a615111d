/* SPDX-License-Identifier: MIT */
/* The steps of making a view, in their order. Each is false where memory ended. */
#ifndef MPRUN_VIEW_STEPS_H
#define MPRUN_VIEW_STEPS_H

#include "mprun/plot.h"
#include "mprun/view.h"

/* order.c: view->functions, in order. */
bool mpr_view_order(struct mpr_view *view, enum mpr_sort sort);
/* chosen.c: of view->functions those that match, in their order. */
int mpr_view_choose(
    struct mpr_view *view, const struct mpr_view_options *options, struct mpr_error *err);
/* listing.c: how functions appear, by what happened in them; then, once the unit is known, by what
 * can be seen of that and by how many there are. */
void mpr_view_list(struct mpr_view *view);
bool mpr_view_list_shown(struct mpr_view *view);
/* units.c: the widest values of the tables; and the units that suit them. */
void mpr_view_measure(struct mpr_view *view);
void mpr_view_choose_units(struct mpr_view *view, enum mpr_unit unit);
/* nested.c: whose body stands inside whose. */
bool mpr_view_place(struct mpr_view *view);
/* Mark the rows of a function that belong to functions with listings of their own. */
void mpr_view_mark_nested(const struct mpr_view *view, size_t function, uint8_t *marks);
/* sites.c: view->sites, folded if that is asked for. */
bool mpr_view_sites(struct mpr_view *view, bool fold_packages);
/* top.c: the lists of sites. */
bool mpr_view_tops(struct mpr_view *view);

/* plot_bands.c: of a plot that has its columns. False: no memory. */
bool mpr_plot_find_bands(struct mpr_plot *plot, const struct mpr_view *view, size_t most);
/* tree.c: of a tree, its processes. */
bool mpr_view_tree(struct mpr_view *view);

#endif
