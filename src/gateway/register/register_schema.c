/*
 * Indexes of the registers, and the sums of register_day: direction 0 counts
 * letters that came in, 1 deliveries that were sent, 2 documents that were
 * sent, each under the day of its letter and the other side's code.
 */
#include "gateway/register/register.h"

/* The civil day of a time in UTC+08:00. */
#define DAY(at) "(" at " + 28800000) / 86400000"

/* An attachment, rather than the letter itself, its rosters and message. */
#define ATTACHMENT "lower(substr(f.name, -3)) NOT IN ('.di', '.sw', '.dm')"
/* Of these OpenDocument; LIKE does not look at the case. */
#define ODF "(f.name LIKE '%.od_' OR f.name LIKE '%.fod_')"
/* ... and documents that people edit in other formats. */
#define OFFICE                                                              \
	"(f.name LIKE '%.doc' OR f.name LIKE '%.doc_' OR f.name LIKE"       \
	" '%.xls' OR f.name LIKE '%.xls_' OR f.name LIKE '%.ppt' OR f.name" \
	" LIKE '%.ppt_' OR f.name LIKE '%.rtf')"

#define COUNT_FILES(table, key, which)                      \
	"(SELECT count(*) FROM " table " AS f WHERE f." key \
	" = NEW.id AND " which ")"

/* ---- what came in: 2 is opened, 3 confirmed, 4 returned ------------------ */

#define IN_ROW                                   \
	"substr(NEW.recipient, 1, 10), 0, " DAY( \
	    "NEW.received_at") ", NEW.speed,"    \
			       " coalesce(NEW.sender, '')"

#define MOVED(state) \
	"(NEW.state " state ") - (OLD.shown > 0 AND OLD.state " state ")"

#define IN_FILES(which)                                                     \
	"CASE WHEN OLD.shown = 0 THEN " COUNT_FILES("inbox_file", "letter", \
	    which) " ELSE 0 END"

/* ---- what was sent: 5 confirmed, 6 returned, 9 withdrawn, 11 paper --------- */

#define OUT_OF(row)                                                                         \
	"SELECT substr(o.sender, 1, 10), 1, " DAY(                                          \
	    "o.created_at") ", w.speed, " row                                               \
			    ".recipient FROM outbox_waybill AS w JOIN outbox_document AS o" \
			    " ON o.id = w.document WHERE w.id = " row                       \
			    ".waybill AND o.is_draft = 0"
#define KEY "(organisation, direction, day, speed, peer)"

/* `sign` is + for a state that it has now, - for one that it had. */
#define OUT_STATES(sign, row)                                  \
	" open = open " sign " (" row ".state < 5),"           \
	" confirmed = confirmed " sign " (" row ".state = 5)," \
	" returned = returned " sign " (" row ".state = 6),"   \
	" withdrawn = withdrawn " sign " (" row ".state = 9)," \
	" paper = paper " sign " (" row ".state = 11),"        \
	" failed = failed " sign " (" row ".state IN (7, 8, 10))"

/* ---- documents: once they are no drafts, unless they are undone ----------- */

#define DOCUMENT_ROW                                                                             \
	"substr(NEW.sender, 1, 10), 2, " DAY(                                                    \
	    "NEW.created_at") ", coalesce("                                                      \
			      "(SELECT max(speed) FROM outbox_waybill WHERE document = NEW.id)," \
			      " 0), ''"
const char register_schema[] =
    "CREATE INDEX inbox_letter_register ON inbox_letter"
    " (substr(recipient, 1, 10), received_at, id)"
    " WHERE shown > 0 AND first = 0;"
    "CREATE INDEX outbox_document_register ON outbox_document"
    " (substr(sender, 1, 10), created_at, id) WHERE is_draft = 0;"
    "CREATE TABLE register_day ("
    " organisation TEXT NOT NULL, direction INTEGER NOT NULL,"
    " day INTEGER NOT NULL, speed INTEGER NOT NULL, peer TEXT NOT NULL,"
    " letters INTEGER NOT NULL DEFAULT 0, open INTEGER NOT NULL DEFAULT 0,"
    " confirmed INTEGER NOT NULL DEFAULT 0,"
    " returned INTEGER NOT NULL DEFAULT 0,"
    " withdrawn INTEGER NOT NULL DEFAULT 0, paper INTEGER NOT NULL DEFAULT 0,"
    " failed INTEGER NOT NULL DEFAULT 0,"
    " attachments INTEGER NOT NULL DEFAULT 0, odf INTEGER NOT NULL DEFAULT 0,"
    " office INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY " KEY ") STRICT, WITHOUT ROWID;";

/* Each of a letter's changes that counts, and no other: most only move its step. */
const char register_in_schema[] =
    "DROP TRIGGER IF EXISTS register_in;"
    "CREATE TRIGGER register_in AFTER UPDATE OF shown, state ON inbox_letter"
    " WHEN NEW.shown > 0 AND NEW.first = 0"
    " AND (OLD.shown = 0 OR OLD.state <> NEW.state) BEGIN"
    " INSERT INTO register_day (organisation, direction, day, speed, peer,"
    " letters, open, confirmed, returned, failed, attachments, odf, office)"
    " VALUES (" IN_ROW
    ", OLD.shown = 0, " MOVED("= 2") ", " MOVED("= 3") ", " MOVED("= 4") ", " MOVED("> 4") ", " IN_FILES(
	ATTACHMENT) ", " IN_FILES(ODF) ", " IN_FILES(OFFICE) ")"
							     " ON CONFLICT DO UPDATE SET letters = letters + excluded.letters,"
							     " open = open + excluded.open,"
							     " confirmed = confirmed + excluded.confirmed,"
							     " returned = returned + excluded.returned,"
							     " failed = failed + excluded.failed,"
							     " attachments = attachments + excluded.attachments,"
							     " odf = odf + excluded.odf, office = office + excluded.office; END;";

/*
 * A draft has no sender yet: its deliveries count from when it is sent, all at
 * once, and each change of them after that.  From one open state to the next,
 * as most changes are, nothing counts otherwise.
 */
const char register_out_schema[] =
    "DROP TRIGGER IF EXISTS register_out_sent;"
    "DROP TRIGGER IF EXISTS register_out;"
    "DROP TRIGGER IF EXISTS register_out_gone;"
    "CREATE TRIGGER register_out_sent"
    " AFTER UPDATE OF is_draft ON outbox_document"
    " WHEN OLD.is_draft = 1 AND NEW.is_draft = 0 BEGIN"
    " INSERT INTO register_day (organisation, direction, day, speed, peer,"
    " letters, open, confirmed, returned, withdrawn, paper, failed)"
    " SELECT substr(NEW.sender, 1, 10), 1, " DAY(
	"NEW.created_at") ","
			  " w.speed, d.recipient, count(*), sum(d.state < 5), sum(d.state = 5),"
			  " sum(d.state = 6), sum(d.state = 9), sum(d.state = 11),"
			  " sum(d.state IN (7, 8, 10)) FROM outbox_waybill AS w"
			  " JOIN outbox_delivery AS d ON d.waybill = w.id"
			  " WHERE w.document = NEW.id GROUP BY w.speed, d.recipient"
			  " ON CONFLICT DO UPDATE SET letters = letters + excluded.letters,"
			  " open = open + excluded.open,"
			  " confirmed = confirmed + excluded.confirmed,"
			  " returned = returned + excluded.returned,"
			  " withdrawn = withdrawn + excluded.withdrawn,"
			  " paper = paper + excluded.paper, failed = failed + excluded.failed;"
			  " END;"
			  "CREATE TRIGGER register_out AFTER UPDATE OF state ON outbox_delivery"
			  " WHEN OLD.state <> NEW.state AND (OLD.state >= 5 OR NEW.state >= 5) BEGIN"
			  " UPDATE register_day SET" OUT_STATES("-", "OLD") " WHERE " KEY " = (" OUT_OF(
			      "NEW") ");"
				     " UPDATE register_day SET" OUT_STATES("+",
					 "NEW") " WHERE " KEY
						" = (" OUT_OF(
						    "NEW") "); END;"
							   "CREATE TRIGGER register_out_gone BEFORE DELETE ON outbox_delivery BEGIN"
							   " UPDATE register_day SET letters = letters - 1," OUT_STATES(
							       "-",
							       "OLD") " WHERE " KEY
								      " = (" OUT_OF(
									  "OLD") "); END;";

const char register_document_schema[] =
    "DROP TRIGGER IF EXISTS register_document;"
    "DROP TRIGGER IF EXISTS register_undone;"
    "CREATE TRIGGER register_document"
    " AFTER UPDATE OF is_draft ON outbox_document"
    " WHEN OLD.is_draft = 1 AND NEW.is_draft = 0 BEGIN"
    " INSERT INTO register_day (organisation, direction, day, speed, peer,"
    " letters, attachments, odf, office)"
    " VALUES (" DOCUMENT_ROW ", 1, " COUNT_FILES("outbox_file", "document",
	ATTACHMENT) ", " COUNT_FILES("outbox_file", "document",
	ODF) ", " COUNT_FILES("outbox_file", "document",
	OFFICE) ")"
		" ON CONFLICT DO UPDATE SET letters = letters + 1,"
		" attachments = attachments + excluded.attachments,"
		" odf = odf + excluded.odf, office = office + excluded.office; END;"
		"CREATE TRIGGER register_undone AFTER UPDATE OF hold ON outbox_document"
		" WHEN OLD.hold <> 3 AND NEW.hold = 3 AND NEW.is_draft = 0 BEGIN"
		" UPDATE register_day SET letters = letters - 1,"
		" attachments = attachments - " COUNT_FILES("outbox_file",
		    "document",
		    ATTACHMENT) ","
				" odf = odf - " COUNT_FILES("outbox_file",
				    "document",
				    ODF) ","
					 " office = office - " COUNT_FILES(
					     "outbox_file", "document",
					     OFFICE) " WHERE " KEY
						     " = (" DOCUMENT_ROW
						     "); END;";
