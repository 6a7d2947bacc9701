#include "service/config_table.h"

#include "service/config.h"

#define GIB ((int64_t)1 << 30)

/* In the order of the bits CONFIG_MANAGEMENT, _CENTER and _GATEWAY. */
static const char *const kinds[] = { "management", "center", "gateway", NULL };
static const char *const switches[] = { "off", "on", NULL };
static const char *const integrity_words[] = { "report", "require", NULL };
static const char *const answers[] = { "refuse", "warn", NULL };
static const char *const formats[] = { "plain", "journal", NULL };
static const char *const levels[] = { "error", "warning", "notice", "debug",
	NULL };

#define AT(field) offsetof(struct config, field)

const struct config_entry config_table[] = {
	{ "host", "kind", CONFIG_SET, AT(host.kinds), "", 1, 7, kinds,
	    "tiers that this host runs: management, center, gateway" },
	{ "host", "name", CONFIG_NAME, AT(host.name), "", 0, 0, NULL,
	    "name of the host, as the network bulletin registers it" },
	{ "host", "address", CONFIG_ADDRESS, AT(host.address), "", 0, 0, NULL,
	    "address to listen on and to connect from" },
	{ "host", "data", CONFIG_PATH, AT(host.data), "", 0, 0, NULL,
	    "directory of everything that this host stores" },
	{ "host", "user", CONFIG_WORD, AT(host.user), "", 0, 0, NULL,
	    "user to become when started as root" },
	{ "host", "environment", CONFIG_NAME, AT(host.environment),
	    "production", 0, 0, NULL,
	    "environment; objects of another one are refused" },

	{ "trust", "root", CONFIG_PATH, AT(trust.root), "", 0, 0, NULL,
	    "file with the first root bulletin" },
	{ "trust", "fingerprint", CONFIG_FINGERPRINT, AT(trust.fingerprint), "",
	    0, 0, NULL, "SHA-256 of that file, learned by another way" },

	{ "center", "name", CONFIG_NAME, AT(center.name), "", 0, 0, NULL,
	    "name of the center that this gateway uses" },
	{ "center", "address", CONFIG_ADDRESS, AT(center.address), "", 0, 0,
	    NULL, "fixed address of the center" },
	{ "center", "port", CONFIG_NUMBER, AT(center.port), "7443", 1, 65535,
	    NULL, "port of the center at that address" },
	{ "center", "fingerprint", CONFIG_FINGERPRINT, AT(center.fingerprint),
	    "", 0, 0, NULL, "SHA-256 of the center's TLS certificate" },

	{ "management", "name", CONFIG_NAME, AT(management.name), "", 0, 0,
	    NULL, "name of the management host" },
	{ "management", "address", CONFIG_ADDRESS, AT(management.address), "",
	    0, 0, NULL, "fixed address of the management tier" },
	{ "management", "port", CONFIG_NUMBER, AT(management.port), "7443", 1,
	    65535, NULL, "port of the management tier at that address" },
	{ "management", "fingerprint", CONFIG_FINGERPRINT,
	    AT(management.fingerprint), "", 0, 0, NULL,
	    "SHA-256 of the management tier's TLS certificate" },

	{ "listen", "hosts_port", CONFIG_NUMBER, AT(listen.hosts_port), "7443",
	    1, 65535, NULL, "port for other hosts" },
	{ "listen", "people_port", CONFIG_NUMBER, AT(listen.people_port),
	    "8443", 0, 65535, NULL,
	    "port for people and document systems; 0: none" },
	{ "listen", "operators_port", CONFIG_NUMBER, AT(listen.operators_port),
	    "8444", 0, 65535, NULL,
	    "port for operators and monitoring; 0: none" },
	{ "listen", "control", CONFIG_PATH, AT(listen.control), "", 0, 0, NULL,
	    "socket for the command line; empty: control.sock in host.data" },

	{ "limits", "letter_bytes", CONFIG_NUMBER, AT(limits.letter_bytes),
	    "2G", 65536, 16 * GIB, NULL,
	    "largest package of a letter with its attachments, in bytes" },
	{ "limits", "recipients", CONFIG_NUMBER, AT(limits.recipients), "10000",
	    1, 100000, NULL, "most recipients of one letter" },
	{ "limits", "connections", CONFIG_NUMBER, AT(limits.connections),
	    "16384", 8, 1000000, NULL,
	    "most connections at a time; descriptors may allow fewer" },
	{ "limits", "per_address", CONFIG_NUMBER, AT(limits.per_address), "512",
	    4, 1000000, NULL, "most connections from one address" },
	{ "limits", "submissions", CONFIG_NUMBER, AT(limits.submissions), "256",
	    2, 100000, NULL,
	    "most submissions worked on at a time; others are told when to "
	    "come again" },
	{ "limits", "handshake_s", CONFIG_NUMBER, AT(limits.handshake_s), "10",
	    1, 600, NULL,
	    "seconds for a handshake, for a stranger's next request, for the "
	    "head of a request" },
	{ "limits", "body_s", CONFIG_NUMBER, AT(limits.body_s), "30", 1, 3600,
	    NULL, "seconds in which 4 KiB of a body, or its end, must come" },
	{ "limits", "read_s", CONFIG_NUMBER, AT(limits.read_s), "60", 1, 3600,
	    NULL,
	    "seconds in which 4 KiB of an answer, or its end, must be taken" },
	{ "limits", "idle_s", CONFIG_NUMBER, AT(limits.idle_s), "600", 5, 86400,
	    NULL,
	    "seconds after which a registered host's connection that asks for "
	    "nothing is closed" },
	{ "limits", "lifetime_s", CONFIG_NUMBER, AT(limits.lifetime_s),
	    "2592000", 1, 3888000, NULL,
	    "seconds after which a letter that nobody signed for expires" },
	{ "limits", "rewrap_s", CONFIG_NUMBER, AT(limits.rewrap_s), "1209600",
	    1, 3888000, NULL,
	    "seconds for which a delivery waits for another key part" },
	{ "limits", "organisation_letters", CONFIG_NUMBER,
	    AT(limits.organisation_letters), "100000", 0, INT32_MAX, NULL,
	    "letters of one organisation that a center takes within an hour" },
	{ "limits", "organisation_bytes", CONFIG_NUMBER,
	    AT(limits.organisation_bytes), "256G", 0, 1048576 * GIB, NULL,
	    "bytes of one organisation that a center takes within an hour" },
	{ "limits", "host_letters", CONFIG_NUMBER, AT(limits.host_letters),
	    "1000000", 0, INT32_MAX, NULL,
	    "letters of one gateway that a center takes within an hour" },
	{ "limits", "host_bytes", CONFIG_NUMBER, AT(limits.host_bytes), "1024G",
	    0, 1048576 * GIB, NULL,
	    "bytes of one gateway that a center takes within an hour" },
	{ "limits", "queue_deliveries", CONFIG_NUMBER,
	    AT(limits.queue_deliveries), "1000000", 0, INT32_MAX, NULL,
	    "deliveries that a center queues for one recipient or sender" },
	{ "limits", "queue_bytes", CONFIG_NUMBER, AT(limits.queue_bytes),
	    "512G", 0, 1048576 * GIB, NULL,
	    "bytes that a center queues for one recipient or sender" },

	{ "limits", "resume_bytes", CONFIG_NUMBER, AT(limits.resume_bytes),
	    "8M", 4096, 1 * GIB, NULL,
	    "content above this is gone on with after a cut, in bytes" },
	{ "limits", "partials", CONFIG_NUMBER, AT(limits.partials), "1024", 1,
	    65536, NULL, "most contents that are here in part" },
	{ "limits", "partials_bytes", CONFIG_NUMBER, AT(limits.partials_bytes),
	    "256G", 65536, 16384 * GIB, NULL,
	    "bytes that these will have together, most" },
	{ "limits", "partials_host", CONFIG_NUMBER, AT(limits.partials_host),
	    "64", 1, 65536, NULL, "most of them from one host" },
	{ "limits", "partials_host_bytes", CONFIG_NUMBER,
	    AT(limits.partials_host_bytes), "64G", 65536, 16384 * GIB, NULL,
	    "bytes that those from one host will have together, most" },
	{ "limits", "partials_s", CONFIG_NUMBER, AT(limits.partials_s),
	    "259200", 1, 3888000, NULL,
	    "seconds without another byte after which one is thrown away" },

	{ "attachments", "encrypted", CONFIG_CHOICE, AT(attachments.encrypted),
	    "refuse", 0, 0, answers,
	    "archives and documents with a password: refuse, or warn" },
	{ "attachments", "unscanned", CONFIG_CHOICE, AT(attachments.unscanned),
	    "refuse", 0, 0, answers,
	    "archives that cannot be looked into: refuse, or warn" },
	{ "attachments", "macros", CONFIG_CHOICE, AT(attachments.macros),
	    "warn", 0, 0, answers, "documents with macros: refuse, or warn" },

	{ "log", "level", CONFIG_CHOICE, AT(log.level), "notice", 0, 0, levels,
	    "least important lines to write: error, warning, notice, debug" },
	{ "log", "format", CONFIG_CHOICE, AT(log.format), "plain", 0, 0,
	    formats, "plain (with time) or journal (with priority)" },

	{ "store", "sync", CONFIG_CHOICE, AT(store.sync), "on", 0, 0, switches,
	    "sync before acknowledging; off is refused in production" },
	{ "store", "segment_mb", CONFIG_NUMBER, AT(store.segment_mb), "64", 1,
	    4096, NULL, "size of one payload segment, in MiB" },
	{ "store", "segments", CONFIG_NUMBER, AT(store.segments), "1", 1, 4096,
	    NULL, "payload segments made at the first start; more follow" },
	{ "store", "reserve_mb", CONFIG_NUMBER, AT(store.reserve_mb), "64", 0,
	    1048576, NULL,
	    "space that payload leaves free for rows and log, in MiB" },

	{ "retention", "content_s", CONFIG_NUMBER, AT(retention.content_s),
	    "2592000", 0, 315360000, NULL,
	    "seconds for which content stays after all deliveries ended" },

	{ "restore", "wait_s", CONFIG_NUMBER, AT(restore.wait_s), "3600", 0,
	    2592000, NULL,
	    "seconds that a restored center waits for what others hand in again" },

	{ "signing", "packages", CONFIG_NUMBER, AT(signing.packages), "1", 1,
	    999, NULL,
	    "letters that one signature of their organisation may be over" },

	{ "people", "idle_s", CONFIG_NUMBER, AT(people.idle_s), "1800", 60,
	    86400, NULL,
	    "seconds without a request after which a session ends" },
	{ "people", "session_s", CONFIG_NUMBER, AT(people.session_s), "43200",
	    300, 86400, NULL, "seconds from its log-in after which it ends" },
	{ "people", "inactive_s", CONFIG_NUMBER, AT(people.inactive_s),
	    "7776000", 86400, 315360000, NULL,
	    "seconds without a log-in after which an account is disabled" },

	{ "board", "codes", CONFIG_WORD, AT(board.codes), "", 0, 0, NULL,
	    "codes of a bulletin board that is published here, with commas" },
	{ "board", "days", CONFIG_NUMBER, AT(board.days), "30", 1, 3660, NULL,
	    "days that a notice is up" },

	{ "sending", "undo_s", CONFIG_NUMBER, AT(sending.undo_s), "30", 0, 600,
	    NULL,
	    "seconds in which a letter that a person sends can be undone" },
	{ "sending", "drafts", CONFIG_NUMBER, AT(sending.drafts), "500", 1,
	    100000, NULL, "most drafts of an organisation" },
	{ "sending", "draft_bytes", CONFIG_NUMBER, AT(sending.draft_bytes),
	    "4G", 65536, 1024 * GIB, NULL,
	    "most bytes of files in the drafts of an organisation" },

	{ "webhook", "addresses", CONFIG_PREFIXES, AT(webhook.addresses), "", 0,
	    0, NULL,
	    "where events may be sent: addresses or ADDRESS/LENGTH, with commas" },

	{ "courier", "retry_first_ms", CONFIG_NUMBER,
	    AT(courier.retry_first_ms), "1000", 10, 3600000, NULL,
	    "first pause before a failed transfer is tried again" },
	{ "courier", "retry_max_ms", CONFIG_NUMBER, AT(courier.retry_max_ms),
	    "300000", 10, 86400000, NULL, "longest such pause" },

	{ "timestamp", "urls", CONFIG_URLS, AT(timestamp.urls), "", 0, 0, NULL,
	    "time-stamping servers: URL, or URL ADDRESS, with commas between" },
	{ "timestamp", "interval_s", CONFIG_NUMBER, AT(timestamp.interval_s),
	    "86400", 1, 604800, NULL,
	    "seconds from one time stamp of a server to the next" },

	{ "revocation", "urls", CONFIG_URLS, AT(revocation.urls), "", 0, 0,
	    NULL,
	    "who may be asked about certificates: URL, or URL ADDRESS, with "
	    "commas between" },
	{ "revocation", "interval_s", CONFIG_NUMBER, AT(revocation.interval_s),
	    "3600", 1, 604800, NULL,
	    "seconds from one question about a certificate to the next" },

	{ "module", "integrity", CONFIG_CHOICE, AT(module.integrity), "report",
	    0, 1, integrity_words,
	    "what a program that no release names does: report or require" },
	{ "module", "uses_max", CONFIG_NUMBER, AT(module.uses_max), "0", 0,
	    1000000000000, NULL, "most uses of one key in all; 0 is no limit" },

	{ "release", "folder", CONFIG_PATH, AT(release.folder), "", 0, 0, NULL,
	    "folder into which releases are installed; its link `current` is "
	    "what is started" },
	{ "release", "packages", CONFIG_PATH, AT(release.packages),
	    "/var/lib/dpkg/status", 0, 0, NULL,
	    "file in which dpkg keeps what is installed" },
	{ "release", "exact", CONFIG_CHOICE, AT(release.exact), "off", 0, 1,
	    switches,
	    "on: packages newer than those of the release are refused too" },

	{ "test", "clock_offset_ms", CONFIG_SIGNED, AT(test.clock_offset_ms),
	    "0", -315576000000, 315576000000, NULL,
	    "shift the clock; refused in production" },
	{ "test", "wrong_answer", CONFIG_NAME, AT(test.wrong_answer), "", 0, 0,
	    NULL,
	    "a self-test of the crypto module that fails; refused in "
	    "production" },
};

const size_t config_table_count =
    sizeof(config_table) / sizeof(config_table[0]);
