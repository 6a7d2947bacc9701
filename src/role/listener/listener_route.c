#include "role/listener/listener_route.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { PATH_SIZE = HTTP_TARGET_MAX + 1 };

/* The action at the end of a pattern, behind a placeholder; NULL for none. */
static const char *
action_of(const char *pattern)
{
	const char *action = strrchr(pattern, ':');

	return action != NULL && action > pattern && action[-1] == '}' ? action
								       : NULL;
}

static bool
matches(const char *pattern, const char *path,
    struct http_segments *ret_segments)
{
	const char *action = action_of(pattern);
	char short_pattern[128];
	char short_path[PATH_SIZE];

	if (action == NULL)
		return http_path_match(pattern, path, ret_segments);
	return text_ends(path, action) &&
	    text_copy_len(short_pattern, sizeof(short_pattern), pattern,
		(size_t)(action - pattern)) &&
	    text_copy_len(short_path, sizeof(short_path), path,
		strlen(path) - strlen(action)) &&
	    http_path_match(short_pattern, short_path, ret_segments);
}

/* What comes before its first placeholder rules most patterns out. */
static bool
may_match(const char *pattern, const char *path)
{
	while (*pattern != '\0' && *pattern != '{')
		if (*pattern++ != *path++)
			return false;
	return true;
}

bool
listener_route_matches(const char *pattern, const char *path)
{
	return matches(pattern, path, NULL);
}

bool
listener_route_is_stream(const struct listener_route *route)
{
	return route->body == LISTENER_BODY_BUNDLE ||
	    route->body == LISTENER_BODY_PART ||
	    route->body == LISTENER_BODY_WORK;
}

int
listener_route_find(const struct listener_route *routes, const char *method,
    const char *path, const struct listener_route **ret_route,
    struct http_segments *ret_segments, struct error *err)
{
	const struct listener_route *other = NULL;

	for (; routes->method != NULL; routes++) {
		if (!may_match(routes->pattern, path) ||
		    !matches(routes->pattern, path, ret_segments))
			continue;
		if (text_equal(routes->method, method)) {
			*ret_route = routes;
			return 0;
		}
		other = routes;
	}
	*ret_route = other;
	if (other == NULL)
		return error_set_id(err, "E6201", ERROR_NOT_FOUND,
		    "there is nothing at %s", path);
	return error_set_id(err, "E6202", ERROR_DENIED, "%s wants %s, not %s",
	    path, other->method, method);
}
