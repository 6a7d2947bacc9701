#include "gateway/inbox/inbox_view.h"

#include "base/text.h"
#include "gateway/inbox/inbox_rows.h"
#include "role/people/people_admit.h"

struct inbox_view
inbox_view_of(const struct message_request *request)
{
	struct inbox_view view = { .is_limited = request->is_limited,
		.person = request->person };

	text_copy(view.scope, sizeof(view.scope), request->scope);
	text_copy(view.unit, sizeof(view.unit), request->unit);
	return view;
}

bool
inbox_view_shows(const struct inbox_view *view, const struct inbox_row *row)
{
	if (!people_may_see(view->scope, row->recipient.text))
		return false;
	return !view->is_limited || row->assignee == view->person ||
	    (row->unit[0] != '\0' && text_equal(row->unit, view->unit));
}
