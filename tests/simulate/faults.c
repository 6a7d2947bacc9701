#include "simulate/faults.h"

#include <string.h>

#include "base/bytes.h"
#include "simulate/check.h"
#include "simulate/clerk.h"
#include "simulate/letters.h"
#include "simulate/sim.h"
#include "simulate/sim_net.h"
#include "simulate/world.h"

static int64_t end_at;
static int pace = 1;
static unsigned kinds; /* bits of enum fault */

typedef void (*fault_fn)(void);

/* ---- hosts --------------------------------------------------------------------- */

/* How long something lasts. */
static int64_t
while_between(int64_t least, int64_t most)
{
	return sim_between(least, most / pace);
}

/* Centers and management are few, and more depends on them. */
static struct sim_host *
any_host(void)
{
	if (sim_below(3) == 0)
		return &sim.hosts[sim_below(SIM_GATEWAY)];
	return &sim.hosts[sim_below(SIM_HOSTS)];
}

static void
restart(void *arg)
{
	struct sim_host *host = arg;

	if (host->wants_restart)
		sim_host_start(host);
}

void
faults_restart_later(int host, bool with_power)
{
	int64_t after = with_power ? while_between(SIM_S / 10, 40 * SIM_S)
				   : while_between(SIM_S / 20, 5 * SIM_S);

	if (sim.is_calm)
		after = SIM_S / 20;
	sim_at(sim.now + after, NULL, restart, &sim.hosts[host]);
}

static void
kill_one(void)
{
	sim_host_kill(any_host(), false);
}

static void
cut_power(void)
{
	sim_host_kill(any_host(), true);
}

static void
die_in_disk_call(void)
{
	struct sim_host *host = any_host();

	host->die_in = (uint32_t)sim_between(1, 60);
	host->die_is_power = sim_below(2) == 0;
}

/* ---- disks ---------------------------------------------------------------------- */

static void
fail_disk(void)
{
	any_host()->disk_fail_in = (uint32_t)sim_between(1, 60);
}

static void
fill_disk(void)
{
	any_host()->disk_full_for = (uint32_t)sim_between(1, 40);
}

static void
be_quick(void *arg)
{
	((struct sim_host *)arg)->disk_slow_us = 0;
}

static void
slow_disk(void)
{
	struct sim_host *host = any_host();

	host->disk_slow_us = sim_between(SIM_MS, SIM_S);
	sim_at(sim.now + while_between(SIM_S, 30 * SIM_S), NULL, be_quick,
	    host);
}

/* ---- clocks --------------------------------------------------------------------- */

static void
set_clock_right(void *arg)
{
	((struct sim_host *)arg)->clock_offset_ms = 0;
}

/* Most are off by less than what peers refuse; some jump far, and back. */
static void
move_clock(void)
{
	struct sim_host *host = any_host();

	if (sim_below(4) != 0) {
		host->clock_offset_ms = sim_between(-2400, 2400);
		return;
	}
	/* Some by hours, so that what is signed now is ahead for long. */
	host->clock_offset_ms = sim_below(4) == 0
	    ? sim_between(0, 4 * 3600 * 1000)
	    : sim_between(-600 * 1000, 600 * 1000);
	sim_note("clock of %s is off by %lld ms", host->name,
	    (long long)host->clock_offset_ms);
	sim_at(sim.now + while_between(SIM_S, 60 * SIM_S), NULL,
	    set_clock_right, host);
}

/* ---- network -------------------------------------------------------------------- */

static void
clear_way(void *arg)
{
	long packed = (long)(intptr_t)arg;

	sim_net_clear((int)(packed / SIM_HOSTS), (int)(packed % SIM_HOSTS));
}

static void
clog_way(int from, int to, int64_t span)
{
	sim_net_clog(from, to);
	sim_at(sim.now + span, NULL, clear_way,
	    (void *)(intptr_t)(from * SIM_HOSTS + to));
}

/* One direction, or both, between two hosts. */
static void
clog_some(void)
{
	int a = any_host()->index;
	int b = any_host()->index;
	int64_t span = while_between(SIM_MS, 40 * SIM_S);

	clog_way(a, b, span);
	if (sim_below(2) == 0)
		clog_way(b, a, span);
}

static void
clog_host(void *arg)
{
	int host = (int)(intptr_t)arg;

	sim_note("%s is cut off", sim.hosts[host].name);
	for (int i = 0; i < SIM_HOSTS; i++) {
		sim_net_clog(host, i);
		sim_net_clog(i, host);
	}
}

static void
clear_host(void *arg)
{
	int host = (int)(intptr_t)arg;

	sim_note("%s is connected again", sim.hosts[host].name);
	for (int i = 0; i < SIM_HOSTS; i++) {
		sim_net_clear(host, i);
		sim_net_clear(i, host);
	}
}

/* Clog a random subset one by one, clear it in another order. */
static void
swizzle(void)
{
	int64_t last = 0;
	bool chosen[SIM_HOSTS];

	for (int i = 0; i < SIM_HOSTS; i++) {
		chosen[i] = sim_below(3) == 0;
		if (!chosen[i])
			continue;
		last += while_between(SIM_MS, 2 * SIM_S);
		sim_at(sim.now + last, NULL, clog_host, (void *)(intptr_t)i);
	}
	for (int i = 0; i < SIM_HOSTS; i++)
		if (chosen[i])
			sim_at(sim.now + last +
				while_between(SIM_MS, 40 * SIM_S),
			    NULL, clear_host, (void *)(intptr_t)i);
}

/* ---- suspensions ------------------------------------------------------------------ */

static void publish(void *arg);

static void
on_published(void *ctx, int status, const char *body, size_t len)
{
	struct bytes *copy = ctx;

	(void)len;
	/* The same again until management has it, or has a newer one. */
	if (status == 200 || (body != NULL && strstr(body, "E7006") != NULL))
		sim_note("directory published: %d", status);
	else
		sim_at(sim_time() + SIM_S, &sim.clerks, publish, copy);
}

static void
publish(void *arg)
{
	const struct bytes *kept = arg;
	struct bytes body = { 0 };
	struct clerk_request request = { .host = SIM_MANAGEMENT,
		.method = "POST",
		.target = "/v1/bulletins",
		.type = "application/vnd.yizhan.bundle",
		.body = &body };

	bytes_put(&body, kept->data, kept->len);
	clerk_ask(&request, on_published, arg);
	bytes_free(&body);
}

static void
publish_directory(void)
{
	static struct bytes kept[1024];
	struct bytes *copy = &kept[world.directory_serial % 1024];
	uint32_t suspended = 0;

	bytes_clear(copy);
	world_next_directory(copy);
	for (int i = SIM_GATEWAY; i < SIM_HOSTS; i++)
		if (world.hosts[i].is_suspended)
			suspended |= 1u << (i - SIM_GATEWAY);
	sim_note("directory %llu suspends %05x",
	    (unsigned long long)world.directory_serial, suspended);
	check_directory_made(world.directory_serial, suspended);
	sim_at(sim.now, &sim.clerks, publish, copy);
}

static void
suspend(void)
{
	struct world_host *host =
	    &world.hosts[sim_between(SIM_GATEWAY, SIM_HOSTS - 1)];

	/* Those whose letters may be on their way. */
	if (letter_count > 0 && sim_below(3) != 0)
		host = &world.hosts[letters[sim_below(letter_count)].sender];
	host->is_suspended = !host->is_suspended;
	publish_directory();
}

/* ---- moves ------------------------------------------------------------------------ */

enum { MOVES_MAX = 12, LOOK_S = 2 };

static unsigned move_count, access_count;

static void
publish_access(void)
{
	static struct bytes kept[MOVES_MAX];
	struct bytes *copy = &kept[access_count++ % MOVES_MAX];

	bytes_clear(copy);
	world_next_access(copy);
	sim_at(sim.now, &sim.clerks, publish, copy);
}

/*
 * The gateway goes to its new center once all that it packed for the old one is
 * handed in, as its people would see to.
 */
static void
connect_anew(void *arg)
{
	struct sim_host *host = arg;
	struct world_host *own = &world.hosts[host->index];

	if (!host->is_up || !check_is_handed_in(host->index)) {
		sim_at(sim.now + LOOK_S * (int64_t)SIM_S, NULL, connect_anew,
		    host);
		return;
	}
	own->connected = own->center;
	publish_access();
	sim_note("%s is connected to %s now", host->name,
	    sim.hosts[own->connected].name);
	sim_host_kill(host, false);
}

static void
move(void)
{
	int index = (int)sim_between(SIM_GATEWAY, SIM_HOSTS - 1);
	struct world_host *own = &world.hosts[index];

	/* Those for whom letters may be on their way. */
	if (letter_count > 0 && sim_below(3) != 0) {
		index = letters[sim_below(letter_count)].recipients[0];
		own = &world.hosts[index];
	}
	if (move_count == MOVES_MAX || own->connected != own->center)
		return;
	own->center = SIM_CENTER +
	    (own->center - SIM_CENTER + (int)sim_between(1, SIM_CENTERS - 1)) %
		SIM_CENTERS;
	sim_note("%s moves to %s", sim.hosts[index].name,
	    sim.hosts[own->center].name);
	publish_directory();
	move_count++;
	sim_at(sim.now + while_between(0, 20 * SIM_S), NULL, connect_anew,
	    &sim.hosts[index]);
}

/* ---- all of it -------------------------------------------------------------------- */

static const struct {
	fault_fn act;
	int64_t every; /* on the average, when this kind is on */
	bool has_pace; /* not what makes work for every host */
} faults[] = {
	{ kill_one, 15 * (int64_t)SIM_S, true },
	{ cut_power, 15 * (int64_t)SIM_S, true },
	{ die_in_disk_call, 6 * (int64_t)SIM_S, true },
	{ fail_disk, 15 * (int64_t)SIM_S, true },
	{ fill_disk, 15 * (int64_t)SIM_S, true },
	{ slow_disk, 15 * (int64_t)SIM_S, true },
	{ move_clock, 10 * (int64_t)SIM_S, true },
	{ clog_some, 4 * (int64_t)SIM_S, true },
	{ swizzle, 60 * (int64_t)SIM_S, true },
	{ sim_net_break_one, 2 * (int64_t)SIM_S, true },
	{ suspend, 12 * (int64_t)SIM_S, false },
	{ move, 25 * (int64_t)SIM_S, false },
};

enum { FAULT_COUNT = sizeof(faults) / sizeof(*faults) };

static int64_t
until_next(int kind, int64_t most)
{
	return sim_between(1, faults[kind].has_pace ? most / pace : most);
}

static void
happen(void *arg)
{
	int kind = (int)(intptr_t)arg;

	if (sim.now >= end_at)
		return;
	faults[kind].act();
	sim_at(sim.now + until_next(kind, 2 * faults[kind].every), NULL, happen,
	    arg);
}

void
faults_begin(int64_t until, int present_pace)
{
	end_at = until;
	pace = present_pace;
	kinds = (unsigned)sim_random();
	sim_net_twice_in = sim_below(3) == 0 ? 0 : (unsigned)sim_between(5, 50);
	sim_net_slowest = sim_between(5 * SIM_MS, 2 * SIM_S);
	for (int i = 0; i < FAULT_COUNT; i++)
		if ((kinds >> i & 1u) != 0)
			sim_at(sim.now + until_next(i, faults[i].every), NULL,
			    happen, (void *)(intptr_t)i);
}

void
faults_heal(void)
{
	bool is_anyone_suspended = false;

	sim_note("all is well again");
	sim.is_calm = true;
	sim_net_twice_in = 0;
	sim_net_slowest = 30 * SIM_MS;
	for (int i = 0; i < SIM_HOSTS; i++) {
		struct sim_host *host = &sim.hosts[i];

		host->clock_offset_ms = 0;
		host->disk_slow_us = 0;
		host->disk_fail_in = host->disk_full_for = host->die_in = 0;
		clear_host((void *)(intptr_t)i);
		if (!host->is_up)
			sim_host_start(host);
		is_anyone_suspended |= world.hosts[i].is_suspended;
		world.hosts[i].is_suspended = false;
	}
	if (is_anyone_suspended || pace > 1)
		publish_directory();
}
