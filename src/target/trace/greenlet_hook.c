/* SPDX-License-Identifier: MIT */
/* greenlet calls a thread's trace function (greenlet.settrace) in the target of each switch, before
 * anything of it runs. Ours is an object that greenlet holds as that function and nobody else sees:
 * settrace() and gettrace() are wrapped, and the program's own function hangs behind it. greenlet
 * makes a tuple for such a call, which would be in the program's figures and in its collector's
 * counts: so its call is redirected, and the tuple is made only for the program's function.
 *
 * A function that raises is dropped by greenlet: as ours is dropped with the program's, it comes
 * back from its own deallocation. That is also how the end of a thread is seen: greenlet lets go of
 * what it holds for it, later and in another thread.
 *
 * Nothing here allocates of Python's memory. Cost: at a switch, greenlet's own detour to a trace
 * function, and what greenlets.h says; at a greenlet's making, a look at a list of mostly one. */
#include "greenlet_hook.h"

#include <stdarg.h>
#include <string.h>

#include "greenlets.h"
#include "leaving.h"
#include "mprun/rebind.h"
#include "wrapped.h"

/* greenlet's C interface (greenlet.h), which has not changed since 1.0. */
static const char interface_name[] = "greenlet._C_API";
enum { INTERFACE_TYPE = 0, INTERFACE_NEW = 3, INTERFACE_ACTIVE = 10 };

/* greenlet as it was loaded, from one place. Stays, as greenlet does. */
struct copy {
    PyObject *module; /* borrowed, to compare with */
    PyTypeObject *type;
    newfunc make;
    int (*active)(PyObject *greenlet);
    PyCFunction settrace, gettrace;
    PyMethodDef *settrace_definition, *gettrace_definition;
    void **interface;
    bool wrapped;
    struct copy *next;
};

/* What greenlet holds for a thread, also when the session is over: in memory that stays. */
struct tracer {
    PyObject_HEAD vectorcallfunc vectorcall;
    struct copy *copy;
    PyObject *program;   /* its trace function; NULL if it has none */
    bool raised;         /* that one has, and is to be dropped */
    struct tracer *next; /* of the thread, for another copy; of those that are not used */
    uint32_t session;    /* in which `waiting` means something */
    struct mpr_greenlets waiting;
};

typedef PyObject *fast_function(PyObject *, PyObject *const *, Py_ssize_t);

/* The arguments of settrace(): one tuple, which nobody keeps. */
struct arguments {
    uint64_t collector[2]; /* room for its head */
    PyTupleObject tuple;
};

static struct {
    struct copy *copies; /* the first one last */
    struct copy *first;
    PyObject *(*make_from_c)(PyObject *run, PyObject *parent); /* of the first */
    struct tracer *unused;
    unsigned held; /* tracers that greenlet holds */
    const struct mpr_switch_ops *ops;
    struct mpr_wrapped create; /* _imp.create_dynamic */
    struct arguments arguments;
} state;

/* --- the switch --- */

/* greenlet also tells of a switch to the one that runs. */
static void switched(struct tracer *tracer, PyObject *origin, PyObject *target)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (!mpr_probe->armed || !thread->ready || origin == target ||
        tracer->session != mpr_probe->session)
        return;
    if (state.ops)
        state.ops->leave(thread);
    mpr_leaving_forget(thread->stack);
    mpr_greenlets_switch(&tracer->waiting, origin, !tracer->copy->active(origin), target, thread);
    if (state.ops)
        state.ops->enter(thread);
}

/* As greenlet calls it. */
static PyObject *call_program(
    struct tracer *tracer, PyObject *event, PyObject *origin, PyObject *target)
{
    if (!tracer->program)
        Py_RETURN_NONE;
    PyObject *function = Py_NewRef(tracer->program);
    PyObject *result = PyObject_CallFunction(function, "O(OO)", event, origin, target);
    tracer->raised = !result;
    Py_DECREF(function);
    return result;
}

static PyObject *trace(struct tracer *tracer, PyObject *event, PyObject *origin, PyObject *target)
{
    switched(tracer, origin, target);
    return call_program(tracer, event, origin, target);
}

/* Where greenlet's call was not redirected. */
static PyObject *trace_plainly(
    PyObject *self, PyObject *const *args, size_t count, PyObject *keywords)
{
    (void)keywords;
    if (PyVectorcall_NARGS(count) != 2 || !PyTuple_Check(args[1]) || PyTuple_GET_SIZE(args[1]) != 2)
        Py_RETURN_NONE;
    return trace(
        (struct tracer *)self, args[0], PyTuple_GET_ITEM(args[1], 0), PyTuple_GET_ITEM(args[1], 1));
}

static void tracer_dealloc(PyObject *self);

/* Never made ready: it would be seen among the subclasses of object, and needs nothing of them. */
static PyTypeObject tracer_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "mprun",
    .tp_basicsize = sizeof(struct tracer),
    .tp_dealloc = tracer_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(struct tracer, vectorcall),
    .tp_call = PyVectorcall_Call,
};

/* clang-tidy reads this file once for each Python, and mistakes the list from the second on. */
static PyObject *trace_listed(struct tracer *tracer, va_list list)
{
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized)
    PyObject *event = va_arg(list, PyObject *);
    PyObject *origin = va_arg(list, PyObject *);
    return trace(tracer, event, origin, va_arg(list, PyObject *));
}

static PyObject *call_listed(PyObject *callable, const char *format, va_list list)
{
    PyObject *args = Py_VaBuildValue(format, list);
    PyObject *result = args ? PyObject_CallObject(callable, args) : NULL;
    Py_XDECREF(args);
    return result;
}

/* In greenlet's place of PyObject_CallFunction, which it uses for nothing else. */
static PyObject *call_function(PyObject *callable, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    PyObject *result = Py_TYPE(callable) == &tracer_type && strcmp(format, "O(OO)") == 0
                           ? trace_listed((struct tracer *)callable, list)
                           : call_listed(callable, format, list);
    va_end(list);
    return result;
}

/* --- a tracer for each thread --- */

static PyObject *set(const struct copy *copy, PyObject *function)
{
    PyTupleObject *arguments = &state.arguments.tuple;
    PyObject *tuple = (PyObject *)arguments;
    Py_SET_REFCNT(tuple, 1);
    Py_SET_TYPE(tuple, &PyTuple_Type);
    Py_SET_SIZE(arguments, 1);
    arguments->ob_item[0] = function;
    return copy->settrace(copy->module, tuple);
}

static struct tracer *take_tracer(void)
{
    struct tracer *tracer = state.unused;
    if (tracer)
        state.unused = tracer->next;
    else if (!(tracer = mpr_probe_keep(sizeof *tracer)))
        return NULL;
    state.held++;
    tracer->session = mpr_probe->session;
    tracer->waiting = (struct mpr_greenlets){0};
    return tracer;
}

static void give_back(struct tracer *tracer)
{
    if (mpr_probe->armed && tracer->session == mpr_probe->session)
        mpr_greenlets_gone(&tracer->waiting);
    state.held--;
    tracer->next = state.unused;
    state.unused = tracer;
}

/* A new reference to what the program has set, where greenlet holds a tracer of ours, of whatever
 * session. */
static PyObject *program_of(PyObject *function)
{
    if (!function || Py_TYPE(function) != &tracer_type)
        return function;
    PyObject *program = ((struct tracer *)function)->program;
    PyObject *answer = Py_NewRef(program ? program : Py_None);
    Py_DECREF(function);
    return answer;
}

static struct tracer *find_tracer(const struct copy *copy)
{
    struct tracer *tracer = mpr_thread_block.trace.tracers;
    while (tracer && tracer->copy != copy)
        tracer = tracer->next;
    return tracer;
}

/* What was there is the program's. */
static void set_tracer(struct tracer *tracer)
{
    PyObject *old = program_of(set(tracer->copy, (PyObject *)tracer));
    if (old && old != Py_None)
        tracer->program = Py_NewRef(old);
    if (!old)
        mpr_note(MPR_NOTE_STACK_SWITCH);
    Py_XDECREF(old);
}

/* A greenlet is made in this thread: before it can be switched to. greenlet keeps the only
 * reference. */
static void watch_thread(struct copy *copy)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (!mpr_probe->armed || find_tracer(copy))
        return;
    struct tracer *tracer = take_tracer();
    if (!tracer) {
        mpr_note(MPR_NOTE_STACK_SWITCH);
        return;
    }
    Py_SET_REFCNT((PyObject *)tracer, 1);
    Py_SET_TYPE((PyObject *)tracer, &tracer_type);
    tracer->vectorcall = trace_plainly;
    tracer->copy = copy;
    tracer->program = NULL;
    tracer->raised = false;
    tracer->next = thread->trace.tracers;
    thread->trace.tracers = tracer;
    set_tracer(tracer);
    Py_DECREF((PyObject *)tracer);
}

/* An exception is on its way, from the program's function. */
static void come_back(struct tracer *tracer)
{
    PyObject *type, *value, *traceback, *program = tracer->program;
    PyErr_Fetch(&type, &value, &traceback);
    Py_SET_REFCNT((PyObject *)tracer, 1);
    tracer->program = NULL;
    tracer->raised = false;
    set_tracer(tracer);
    Py_SET_REFCNT((PyObject *)tracer, Py_REFCNT((PyObject *)tracer) - 1);
    Py_XDECREF(program);
    PyErr_Restore(type, value, traceback);
}

static void tracer_dealloc(PyObject *self)
{
    struct tracer *tracer = (struct tracer *)self;
    if (tracer->raised) {
        come_back(tracer);
        return;
    }
    Py_CLEAR(tracer->program);
    give_back(tracer);
}

/* --- what the program sees of it --- */

static struct copy *copy_of_module(const PyObject *module)
{
    struct copy *copy = state.copies;
    while (copy->next && copy->module != module)
        copy = copy->next;
    return copy;
}

static PyObject *settrace(PyObject *module, PyObject *args)
{
    const struct copy *copy = copy_of_module(module);
    struct tracer *tracer = find_tracer(copy);
    PyObject *function;
    if (!tracer)
        return program_of(copy->settrace(module, args));
    if (!PyArg_ParseTuple(args, "O", &function))
        return NULL;
    PyObject *previous = tracer->program ? tracer->program : Py_NewRef(Py_None);
    tracer->program = function == Py_None ? NULL : Py_NewRef(function);
    return previous;
}

static PyObject *gettrace(PyObject *module, PyObject *nothing)
{
    const struct copy *copy = copy_of_module(module);
    const struct tracer *tracer = find_tracer(copy);
    if (!tracer)
        return program_of(copy->gettrace(module, nothing));
    return Py_NewRef(tracer->program ? tracer->program : Py_None);
}

static PyObject *make(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    struct copy *copy = state.copies;
    while (copy->next && !PyType_IsSubtype(type, copy->type))
        copy = copy->next;
    PyObject *greenlet = copy->make(type, args, keywords);
    if (greenlet)
        watch_thread(copy);
    return greenlet;
}

/* --- greenlet is loaded --- */

/* The definition of a builtin that takes its arguments so; NULL if there is none. */
static PyMethodDef *find_builtin(PyObject *dict, const char *name, int flags)
{
    PyObject *object = PyDict_GetItemString(dict, name);
    if (!object || !PyCFunction_CheckExact(object))
        return NULL;
    PyMethodDef *definition = ((PyCFunctionObject *)object)->m_ml;
    return definition->ml_flags == flags ? definition : NULL;
}

static PyCFunction replace(PyMethodDef *definition, PyCFunction function)
{
    PyCFunction old = definition->ml_meth;
    definition->ml_meth = function;
    return old;
}

/* What it frees itself, it may free in the midst of a switch: the stack is another already, and the
 * thread state still points into the old one. */
static void free_memory(void *block)
{
    mpr_leaving_pause(true);
    PyMem_Free(block);
    mpr_leaving_pause(false);
}

static void free_object(void *block)
{
    mpr_leaving_pause(true);
    PyObject_Free(block);
    mpr_leaving_pause(false);
}

static void redirect(const void *address)
{
    mpr_leaving_withhold(!mpr_rebind(address, "PyMem_Free", (mpr_function *)free_memory));
    mpr_rebind(address, "PyObject_Free", (mpr_function *)free_object);
    mpr_rebind(address, "PyObject_CallFunction", (mpr_function *)call_function);
    mpr_rebind(address, "_PyObject_CallFunction_SizeT", (mpr_function *)call_function);
    if (state.ops && state.ops->frame)
        mpr_rebind(address, "PyThreadState_GetFrame", (mpr_function *)state.ops->frame);
}

/* What the former was called where its size was; some versions have it for old callers only. */
__attribute__((weak)) PyAPI_FUNC(PyObject *)
    _PyObject_CallFunction_SizeT(PyObject *callable, const char *format, ...);

static void redirect_back(const void *address)
{
    mpr_rebind(address, "PyMem_Free", (mpr_function *)PyMem_Free);
    mpr_rebind(address, "PyObject_Free", (mpr_function *)PyObject_Free);
    mpr_rebind(address, "PyObject_CallFunction", (mpr_function *)PyObject_CallFunction);
    if (_PyObject_CallFunction_SizeT)
        mpr_rebind(
            address, "_PyObject_CallFunction_SizeT", (mpr_function *)_PyObject_CallFunction_SizeT);
    if (state.ops && state.ops->frame)
        mpr_rebind(address, "PyThreadState_GetFrame", (mpr_function *)PyThreadState_GetFrame);
}

static bool known(const PyTypeObject *type)
{
    for (const struct copy *copy = state.copies; copy; copy = copy->next)
        if (copy->type == type)
            return true;
    return false;
}

/* Code in C makes greenlets past the type. It cannot say of which copy: that of others is not
 * watched for, and there hardly ever is another. */
static PyObject *make_for_c(PyObject *run, PyObject *parent)
{
    PyObject *greenlet = state.make_from_c(run, parent);
    if (greenlet)
        watch_thread(state.first);
    return greenlet;
}

static void wrap(struct copy *copy)
{
    redirect((const void *)copy->active);
    if (copy->wrapped)
        return;
    copy->settrace = replace(copy->settrace_definition, settrace);
    copy->gettrace = replace(copy->gettrace_definition, gettrace);
    copy->make = copy->type->tp_new;
    copy->type->tp_new = make;
    if (copy == state.first)
        copy->interface[INTERFACE_NEW] = (void *)make_for_c;
    copy->wrapped = true;
}

/* What somebody has put in the place of ours since stays. */
static void unwrap(struct copy *copy)
{
    redirect_back((const void *)copy->active);
    if (copy->settrace_definition->ml_meth == settrace)
        copy->settrace_definition->ml_meth = copy->settrace;
    if (copy->gettrace_definition->ml_meth == gettrace)
        copy->gettrace_definition->ml_meth = copy->gettrace;
    if (copy->type->tp_new == make)
        copy->type->tp_new = copy->make;
    if (copy->interface[INTERFACE_NEW] == (void *)make_for_c)
        copy->interface[INTERFACE_NEW] = (void *)state.make_from_c;
    copy->wrapped = false;
}

static void found(PyObject *module, PyObject *dict, void **interface)
{
    PyTypeObject *type = interface[INTERFACE_TYPE];
    PyMethodDef *set_it = find_builtin(dict, "settrace", METH_VARARGS);
    PyMethodDef *get_it = find_builtin(dict, "gettrace", METH_NOARGS);
    struct copy *copy = !known(type) && set_it && get_it ? mpr_probe_keep(sizeof *copy) : NULL;
    if (!copy)
        return;
    *copy = (struct copy){
        .module = module,
        .type = type,
        .active = (int (*)(PyObject *))interface[INTERFACE_ACTIVE],
        .settrace_definition = set_it,
        .gettrace_definition = get_it,
        .interface = interface,
        .next = state.copies,
    };
    state.copies = copy;
    if (!state.first) {
        state.first = copy;
        state.make_from_c = (PyObject * (*)(PyObject *, PyObject *)) interface[INTERFACE_NEW];
    }
    wrap(copy);
    mpr_unnote(MPR_NOTE_STACK_SWITCH);
}

static void look_at(PyObject *module)
{
    if (!PyModule_Check(module))
        return;
    mpr_guard_begin(&mpr_thread_block);
    PyObject *dict = PyModule_GetDict(module);
    PyObject *capsule = dict ? PyDict_GetItemString(dict, "_C_API") : NULL;
    if (capsule && PyCapsule_IsValid(capsule, interface_name))
        found(module, dict, PyCapsule_GetPointer(capsule, interface_name));
    mpr_guard_end(&mpr_thread_block);
}

static PyObject *create_dynamic(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    fast_function *builtin = (fast_function *)(void (*)(void))state.create.builtin;
    PyObject *module = builtin(self, args, count);
    if (module && mpr_probe->armed)
        look_at(module);
    return module;
}

void mpr_greenlet_hook_imported(void)
{
    if (state.copies)
        return;
    mpr_note(MPR_NOTE_STACK_SWITCH);
    mpr_leaving_withhold(true);
}

/* What a session before has found. */
static void wrap_known(void)
{
    for (struct copy *copy = state.copies; copy; copy = copy->next)
        wrap(copy);
}

/* A Python that has run for a while may have loaded it, and runs greenlets. */
static void look_at_loaded(void)
{
    PyObject *modules = PyImport_GetModuleDict();
    PyObject *module = modules ? PyDict_GetItemString(modules, "greenlet._greenlet") : NULL;
    if (module)
        look_at(module);
    for (struct copy *copy = state.copies; copy; copy = copy->next)
        watch_thread(copy);
}

void mpr_greenlet_hook_start(const struct mpr_switch_ops *ops)
{
    PyObject *imp = PyImport_ImportModule("_imp");
    state.ops = ops;
    PyMethodDef *create =
        imp ? find_builtin(PyModule_GetDict(imp), "create_dynamic", METH_FASTCALL) : NULL;
    if (create)
        mpr_wrap(&state.create, create, (PyCFunction)(void (*)(void))create_dynamic);
    Py_XDECREF(imp);
    PyErr_Clear();
    wrap_known();
}

void mpr_greenlet_hook_arm(void)
{
    look_at_loaded();
}

/* This thread's tracers; those of others stay, since greenlet lets nobody else take them, and tell
 * nothing. */
static void stop_tracers(void)
{
    struct tracer *tracer = mpr_thread_block.trace.tracers;
    mpr_thread_block.trace.tracers = NULL;
    while (tracer) {
        struct tracer *next = tracer->next;
        PyObject *program = Py_XNewRef(tracer->program);
        Py_XDECREF(set(tracer->copy, program ? program : Py_None));
        Py_XDECREF(program);
        tracer = next;
    }
}

void mpr_greenlet_hook_stop(void)
{
    PyObject *type, *value, *traceback;
    mpr_unwrap(&state.create, (PyCFunction)(void (*)(void))create_dynamic);
    PyErr_Fetch(&type, &value, &traceback);
    stop_tracers();
    PyErr_Restore(type, value, traceback);
    for (struct copy *copy = state.copies; copy && state.held == 0; copy = copy->next)
        unwrap(copy);
}
