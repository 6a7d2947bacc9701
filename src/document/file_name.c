#include "document/file_name.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "document/utf8.h"

/* Types that run, mount or redirect when they are opened. */
static const char *const program_extensions[] = { ".ade", ".adp", ".apk",
	".app", ".application", ".appref-ms", ".appx", ".asp", ".aspx", ".bash",
	".bat", ".bin", ".chm", ".class", ".cmd", ".com", ".command", ".cpl",
	".csh", ".deb", ".desktop", ".dll", ".dmg", ".drv", ".elf", ".exe",
	".gadget", ".hlp", ".hta", ".img", ".inf", ".ins", ".iso", ".isp",
	".jar", ".jnlp", ".js", ".jse", ".jsp", ".ksh", ".lib", ".lnk", ".mde",
	".msc", ".msi", ".msix", ".msp", ".mst", ".ocx", ".osx", ".out", ".php",
	".pif", ".pkg", ".pl", ".ps1", ".ps1xml", ".ps2", ".psc1", ".psd1",
	".psm1", ".py", ".pyc", ".pyw", ".rb", ".reg", ".rpm", ".run", ".scf",
	".scr", ".sct", ".search-ms", ".settingcontent-ms", ".sh", ".shb",
	".shs", ".so", ".sys", ".theme", ".url", ".vb", ".vbe", ".vbs", ".vhd",
	".vhdx", ".website", ".ws", ".wsc", ".wsf", ".wsh", ".xll", ".zsh" };

static const char *const reserved_stems[] = { "con", "prn", "aux", "nul",
	"conin$", "conout$", "clock$" };

/* Names that a package uses itself. */
static const char *const reserved_names[] = { "mimetype", "meta-inf" };

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
equal_len(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]) || a[i] == '\0')
			return false;
	return true;
}

bool
file_name_equal(const char *a, const char *b)
{
	size_t len = strlen(a);

	return len == strlen(b) && equal_len(a, b, len);
}

bool
file_name_has_extension(const char *name, const char *extension)
{
	size_t len = strlen(name);
	size_t extension_len = strlen(extension);

	return len > extension_len &&
	    file_name_equal(name + len - extension_len, extension);
}

/* CON, nul.txt, com1.pdf: devices on Windows, whatever the extension. */
static bool
is_device(const char *name)
{
	size_t stem = strcspn(name, ".");

	for (size_t i = 0;
	     i < sizeof(reserved_stems) / sizeof(reserved_stems[0]); i++)
		if (strlen(reserved_stems[i]) == stem &&
		    equal_len(name, reserved_stems[i], stem))
			return true;
	return stem == 4 &&
	    (equal_len(name, "com", 3) || equal_len(name, "lpt", 3)) &&
	    name[3] >= '0' && name[3] <= '9';
}

/* Blanks of other scripts that show as nothing, beyond utf8_is_hidden(). */
static bool
is_invisible(uint32_t point)
{
	return utf8_is_hidden(point) || point == 0x34f || point == 0x115f ||
	    point == 0x1160 || point == 0x17b4 || point == 0x17b5 ||
	    point == 0x2800 || point == 0x3164 || point == 0xffa0 ||
	    (point >= 0xfe00 && point <= 0xfe0f) ||
	    (point >= 0xe0000 && point <= 0xe007f);
}

static bool
is_reserved(const char *name)
{
	for (size_t i = 0;
	     i < sizeof(reserved_names) / sizeof(reserved_names[0]); i++)
		if (file_name_equal(name, reserved_names[i]))
			return true;
	return false;
}

static bool
has_bad_character(const char *name)
{
	uint32_t point;

	while ((point = utf8_next(&name)) != 0)
		if (is_invisible(point) ||
		    (point < 0x80 && strchr("/\\<>:\"|?*", (int)point) != NULL))
			return true;
	return false;
}

/* Blanks and dots at the end vanish on Windows: "a.exe ." is "a.exe". */
static bool
has_bad_end(const char *name)
{
	const char *at = name;
	uint32_t first = utf8_next(&at);
	uint32_t last = first;
	uint32_t point;

	while ((point = utf8_next(&at)) != 0)
		last = point;
	return utf8_is_space(first) || last == '.' || utf8_is_space(last);
}

bool
file_name_is_unsafe_part(const char *part)
{
	return *part == '\0' || strlen(part) > FILE_NAME_MAX ||
	    !text_is_utf8(part, strlen(part)) || has_bad_character(part) ||
	    has_bad_end(part) || is_device(part);
}

bool
file_name_is_program(const char *name)
{
	for (size_t i = 0;
	     i < sizeof(program_extensions) / sizeof(program_extensions[0]);
	     i++)
		if (file_name_has_extension(name, program_extensions[i]))
			return true;
	return false;
}

const char *
file_name_broken_rule(const char *name)
{
	if (file_name_is_unsafe_part(name) || *name == '.' || is_reserved(name))
		return "E2120";
	return file_name_is_program(name) ? "E2121" : NULL;
}
