/* Who is closed first when a server has too many connections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/http_order.h"
#include "http/http_sources.h"

enum { MANY = 64 };

struct room {
	struct http_order order;
	struct http_order_entry entries[MANY];
	size_t count;
};

static struct http_order_entry *
arrive(struct room *room, enum http_standing standing)
{
	struct http_order_entry *entry = &room->entries[room->count++];

	http_order_add(&room->order, entry, standing, room);
	return entry;
}

static void
the_longest_silent_goes_first(void **state)
{
	struct room room = { 0 };
	struct http_order_entry *stranger =
	    arrive(&room, HTTP_STANDING_STRANGER);
	struct http_order_entry *old = arrive(&room, HTTP_STANDING_SILENT);
	struct http_order_entry *young = arrive(&room, HTTP_STANDING_SILENT);

	(void)state;
	assert_ptr_equal(http_order_victim(&room.order, 3), old);
	http_order_remove(old);
	assert_ptr_equal(http_order_victim(&room.order, 3), young);
	http_order_remove(young);
	assert_ptr_equal(http_order_victim(&room.order, 3), stranger);
}

static void
who_moved_on_goes_later(void **state)
{
	struct room room = { 0 };
	struct http_order_entry *first = arrive(&room, HTTP_STANDING_STRANGER);
	struct http_order_entry *second = arrive(&room, HTTP_STANDING_STRANGER);

	(void)state;
	http_order_touch(first, HTTP_STANDING_STRANGER);
	assert_ptr_equal(http_order_victim(&room.order, 2), second);
}

static void
registered_peers_stay_while_there_are_others(void **state)
{
	struct room room = { 0 };
	struct http_order_entry *young;

	(void)state;
	arrive(&room, HTTP_STANDING_IDLE);
	arrive(&room, HTTP_STANDING_BUSY);
	young = arrive(&room, HTTP_STANDING_SHAKING);
	assert_ptr_equal(http_order_victim(&room.order, 3), young);
}

static void
newcomers_keep_an_eighth_of_the_room(void **state)
{
	struct room room = { 0 };
	struct http_order_entry *idle = arrive(&room, HTTP_STANDING_IDLE);
	struct http_order_entry *newcomer;

	(void)state;
	for (int i = 0; i < 14; i++)
		arrive(&room, HTTP_STANDING_IDLE);
	newcomer = arrive(&room, HTTP_STANDING_SILENT);
	assert_ptr_equal(http_order_victim(&room.order, 16), idle);
	arrive(&room, HTTP_STANDING_SILENT);
	assert_ptr_equal(http_order_victim(&room.order, 16), newcomer);
}

static void
who_has_a_request_under_way_is_never_closed(void **state)
{
	struct room room = { 0 };

	(void)state;
	arrive(&room, HTTP_STANDING_BUSY);
	arrive(&room, HTTP_STANDING_BUSY);
	assert_null(http_order_victim(&room.order, 2));
}

static void
who_left_is_in_no_list(void **state)
{
	struct room room = { 0 };
	struct http_order_entry *entry = arrive(&room, HTTP_STANDING_IDLE);

	(void)state;
	http_order_remove(entry);
	http_order_remove(entry);
	http_order_touch(entry, HTTP_STANDING_BUSY);
	assert_int_equal(http_order_count(&room.order, HTTP_STANDING_BUSY), 0);
	assert_int_equal(http_order_count(&room.order, HTTP_STANDING_IDLE), 0);
}

static void
connections_are_counted_by_address(void **state)
{
	struct http_sources *sources = http_sources_new();
	struct http_source *here, *again, *there;

	(void)state;
	assert_non_null(sources);
	here = http_source_enter(sources, "192.0.2.1");
	again = http_source_enter(sources, "192.0.2.1");
	there = http_source_enter(sources, "192.0.2.2");
	assert_ptr_equal(here, again);
	assert_ptr_not_equal(here, there);
	assert_int_equal(here->count, 2);
	http_source_leave(sources, here);
	assert_int_equal(again->count, 1);
	http_source_leave(sources, again);
	http_source_leave(sources, there);
	assert_int_equal(http_source_enter(sources, "192.0.2.1")->count, 1);
	http_sources_free(sources);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_silent_goes_first),
		cmocka_unit_test(who_moved_on_goes_later),
		cmocka_unit_test(registered_peers_stay_while_there_are_others),
		cmocka_unit_test(newcomers_keep_an_eighth_of_the_room),
		cmocka_unit_test(who_has_a_request_under_way_is_never_closed),
		cmocka_unit_test(who_left_is_in_no_list),
		cmocka_unit_test(connections_are_counted_by_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
