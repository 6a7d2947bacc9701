#include "policy/desk_rules.h"

#include "base/error.h"
#include "base/text.h"

static bool
is_at_desk(const struct desk_place *place)
{
	return place->unit[0] == '\0' && place->person == 0;
}

static bool
is_of(const struct desk_mover *mover, const struct desk_place *place)
{
	return (place->person != 0 && place->person == mover->person) ||
	    (place->unit[0] != '\0' && text_equal(place->unit, mover->unit));
}

int
desk_check_assign(const struct desk_mover *mover, const struct desk_place *from,
    const struct desk_place *to, struct error *err)
{
	if (text_equal(from->unit, to->unit) && from->person == to->person)
		return 1;
	if (mover->is_desk)
		return 0;
	if (!is_of(mover, from))
		return error_set_id(err, "E6702", ERROR_DENIED,
		    "the letter is not assigned to unit %s", mover->unit);
	if (!text_equal(to->unit, mover->unit))
		return error_set_id(err, "E6702", ERROR_DENIED,
		    "to another unit it goes through the registry desk");
	return 0;
}

int
desk_check_hand_back(const struct desk_mover *mover,
    const struct desk_place *from, struct error *err)
{
	if (is_at_desk(from))
		return error_set_id(err, "E6703", ERROR_EXISTS,
		    "the letter is at the registry desk");
	if (mover->is_desk || is_of(mover, from))
		return 0;
	return error_set_id(err, "E6702", ERROR_DENIED,
	    "the letter is not assigned to unit %s", mover->unit);
}
