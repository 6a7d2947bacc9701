#include "simulate/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulate/faults.h"
#include "simulate/sim_disk.h"

/* One that waits in the heap; its owner may still hold it. */
struct sim_event {
	int64_t at;
	uint64_t sequence;
	struct sim_role *role;
	uint64_t start; /* of the host then */
	sim_fn fn;
	void *arg;
	bool is_cancelled;
};

struct sim sim;

static struct {
	struct sim_event **list;
	size_t count;
	size_t size;
	uint64_t sequence;
} heap;

static jmp_buf callback;     /* where a callback that dies ends */
static ucontext_t scheduler; /* where a start returns to */
static bool is_in_start;
static bool is_in_callback;

/* ---- chance ------------------------------------------------------------ */

uint64_t
sim_random(void)
{
	uint64_t value = (sim.random += 0x9e3779b97f4a7c15U); /* splitmix64 */

	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
	return value ^ (value >> 31);
}

uint64_t
sim_below(uint64_t limit)
{
	return sim_random() % limit;
}

int64_t
sim_between(int64_t least, int64_t most)
{
	return least + (int64_t)sim_below((uint64_t)(most - least) + 1);
}

bool
sim_chance(uint64_t in)
{
	return !sim.is_calm && sim_below(in) == 0;
}

/* ---- trace --------------------------------------------------------------- */

void
sim_hash(const void *data, size_t len)
{
	const uint8_t *at = data;
	uint64_t word;

	for (; len >= sizeof(word); at += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		sim.hash = (sim.hash ^ word) * 0x9fb21c651e98df25U;
		sim.hash ^= sim.hash >> 32;
	}
	for (; len > 0; at++, len--)
		sim.hash = (sim.hash ^ *at) * 0x100000001b3U;
}

static void
print_note(const char *text)
{
	printf("%12.6f %s\n", (double)sim.now / SIM_S, text);
}

void
sim_note(const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	sim_hash(text, strlen(text));
	if (sim.wants_trace)
		print_note(text);
}

void
sim_broken(const char *invariant, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (sim.has_failed)
		return;
	sim.has_failed = true;
	snprintf(sim.why, sizeof(sim.why), "%s broken at %.6f s: %s", invariant,
	    (double)sim.now / SIM_S, text);
	if (sim.wants_trace)
		print_note(sim.why);
}

/* ---- time and events ---------------------------------------------------- */

int64_t
sim_time(void)
{
	return sim.now + (sim.role != NULL ? sim.role->spent : 0);
}

int64_t
sim_day_ms(void)
{
	return (int64_t)SIM_EPOCH_S * 1000 + sim_time() / SIM_MS;
}

void
sim_spend(int64_t us)
{
	if (sim.role != NULL)
		sim.role->spent += us;
}

static bool
is_before(const struct sim_event *a, const struct sim_event *b)
{
	return a->at != b->at ? a->at < b->at : a->sequence < b->sequence;
}

static void
push(struct sim_event *event)
{
	size_t at = heap.count++;

	if (heap.count > heap.size) {
		heap.size = heap.size == 0 ? 1024 : heap.size * 2;
		heap.list = realloc(heap.list, heap.size * sizeof(*heap.list));
		if (heap.list == NULL)
			abort();
	}
	while (at > 0 && is_before(event, heap.list[(at - 1) / 2])) {
		heap.list[at] = heap.list[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap.list[at] = event;
}

static struct sim_event *
pop(void)
{
	struct sim_event *first = heap.list[0];
	struct sim_event *last = heap.list[--heap.count];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= heap.count)
			break;
		if (child + 1 < heap.count &&
		    is_before(heap.list[child + 1], heap.list[child]))
			child++;
		if (!is_before(heap.list[child], last))
			break;
		heap.list[at] = heap.list[child];
		at = child;
	}
	heap.list[at] = last;
	return first;
}

struct sim_event *
sim_at(int64_t at, struct sim_role *role, sim_fn fn, void *arg)
{
	struct sim_event *event = calloc(1, sizeof(*event));

	if (event == NULL)
		abort();
	event->at = at < sim_time() ? sim_time() : at;
	event->sequence = heap.sequence++;
	event->role = role;
	event->start =
	    role != NULL && role->host != NULL ? role->host->starts : 0;
	event->fn = fn;
	event->arg = arg;
	push(event);
	return event;
}

void
sim_cancel(struct sim_event *event)
{
	if (event != NULL)
		event->is_cancelled = true;
}

static bool
is_gone(const struct sim_event *event)
{
	const struct sim_role *role = event->role;

	if (role == NULL || role->host == NULL)
		return false;
	return !role->is_running || event->start != role->host->starts;
}

/* Run it; a callback that ends its process does not come back. */
static void
call(struct sim_role *role, sim_fn fn, void *arg)
{
	sim.role = role;
	if (role != NULL)
		role->spent = role->host != NULL ? sim_between(1, 20) : 0;
	is_in_callback = true;
	if (setjmp(callback) == 0)
		fn(arg);
	is_in_callback = false;
	/* Not `role`: setjmp() may have lost it. */
	if (sim.role != NULL)
		sim.role->free_at = sim.now + sim.role->spent;
	sim.role = NULL;
}

static void
step(void)
{
	struct sim_event *event = pop();
	struct sim_role *role = event->role;
	sim_fn fn = event->fn;
	void *arg = event->arg;

	if (event->is_cancelled || is_gone(event)) {
		free(event);
		return;
	}
	if (event->at > sim.now)
		sim.now = event->at;
	if (role != NULL && role->free_at > sim.now) {
		/* In the order in which they came to be, as channels need. */
		event->at = role->free_at;
		push(event);
		return;
	}
	free(event);
	sim.events++;
	call(role, fn, arg);
}

bool
sim_run(int64_t until)
{
	while (!sim.has_failed && heap.count > 0 && heap.list[0]->at <= until) {
		step();
		if (sim.events_max > 0 && sim.events >= sim.events_max)
			sim_broken("steps", "%llu events",
			    (unsigned long long)sim.events);
	}
	if (!sim.has_failed && sim.now < until)
		sim.now = until;
	return !sim.has_failed;
}

/* ---- hosts --------------------------------------------------------------- */

struct sim_host *
sim_host_of(const struct sim_role *role)
{
	return role != NULL ? role->host : NULL;
}

void
sim_role_enter(struct sim_role *role)
{
	is_in_start = true;
	role->spent = sim_between(100, 2000);
	swapcontext(&scheduler, &role->context);
	is_in_start = false;
}

void
sim_role_wait(void)
{
	swapcontext(&sim.role->context, &scheduler);
}

void
sim_host_kill(struct sim_host *host, bool with_power)
{
	if (!host->is_up)
		return;
	host->is_up = false;
	host->die_in = 0;
	host->starts++;
	host->has_failed_rows = false;
	sim_note("%s ends%s", host->name, with_power ? ", power and all" : "");
	for (int i = 0; i < ROLE_COUNT; i++)
		host->roles[i].is_running = false;
	sim_ipc_forget(host);
	sim_http_forget(host);
	sim_disk_forget(host, with_power);
	host->wants_restart = true;
	faults_restart_later(host->index, with_power);
}

noreturn void
sim_host_die(struct sim_host *host, bool with_power)
{
	sim_host_kill(host, with_power);
	if (is_in_start) {
		/* The start of a role runs on a stack of its own. */
		setcontext(&scheduler);
		abort();
	}
	if (!is_in_callback)
		abort();
	longjmp(callback, 1);
}
