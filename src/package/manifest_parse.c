#include "package/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "package/manifest_xml.h"

enum { BASE64_LEN = 44 }; /* of a SHA-256 digest */

/* Each attribute of the tag must be one of these. */
static int
only_attributes(const struct xml *xml, const char *const *names, size_t count,
    struct error *err)
{
	for (size_t i = 0; i < xml->tag.attribute_count; i++) {
		bool is_known = false;

		for (size_t j = 0; j < count; j++)
			is_known = is_known ||
			    text_equal(xml->tag.attributes[i].name, names[j]);
		if (!is_known)
			return manifest_xml_malformed(xml,
			    "an unknown attribute", err);
	}
	return 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The name in the URI of the tag. */
static int
read_uri(const struct xml *xml, char to[MANIFEST_NAME_MAX + 1],
    struct error *err)
{
	const char *uri = manifest_xml_attribute(xml, "URI");
	size_t len = 0;

	if (uri == NULL)
		return manifest_xml_malformed(xml, "a URI is missing", err);
	for (; *uri != '\0'; uri++) {
		char c = *uri;

		if (c == '%') {
			int high = hex_digit(uri[1]);
			int low = high < 0 ? -1 : hex_digit(uri[2]);

			if (low < 0)
				return manifest_xml_malformed(xml,
				    "a broken URI", err);
			c = (char)(high << 4 | low);
			uri += 2;
		}
		if (len == MANIFEST_NAME_MAX || c == '\0')
			return manifest_xml_malformed(xml, "a name in a URI",
			    err);
		to[len++] = c;
	}
	to[len] = '\0';
	if (!manifest_name_is_safe(to, len))
		return error_set_id(err, "E3202", ERROR_MALFORMED,
		    "manifest: a name that is not acceptable");
	return 0;
}

/* The rest of an element that must be empty. */
static int
end_empty(struct xml *xml, enum manifest_xml_space space, const char *name,
    struct error *err)
{
	if (xml->tag.is_empty)
		return 0;
	if (manifest_xml_next(xml, err) < 0)
		return -1;
	if (!manifest_xml_ends(xml, space, name))
		return manifest_xml_malformed(xml,
		    "an element that must be empty", err);
	return 0;
}

static int
read_signature(struct xml *xml, struct manifest *manifest, struct error *err)
{
	static const char *const names[] = { "URI", "MimeType" };
	char name[MANIFEST_NAME_MAX + 1];

	if (!manifest_xml_begins(xml, XML_ASIC, "SigReference"))
		return manifest_xml_malformed(xml, "SigReference is missing",
		    err);
	if (only_attributes(xml, names, 2, err) < 0 ||
	    read_uri(xml, name, err) < 0 ||
	    end_empty(xml, XML_ASIC, "SigReference", err) < 0)
		return -1;
	manifest->signature = text_dup(name);
	return manifest->signature == NULL ? error_set_memory(err) : 0;
}

static int
read_method(struct xml *xml, struct error *err)
{
	static const char *const names[] = { "Algorithm" };
	const char *algorithm;

	if (manifest_xml_next(xml, err) < 0)
		return -1;
	algorithm = manifest_xml_attribute(xml, "Algorithm");
	if (!manifest_xml_begins(xml, XML_DSIG, "DigestMethod") ||
	    algorithm == NULL || only_attributes(xml, names, 1, err) < 0)
		return manifest_xml_malformed(xml, "DigestMethod is missing",
		    err);
	if (!text_equal(algorithm, "http://www.w3.org/2001/04/xmlenc#sha256"))
		return error_set_id(err, "E3205", ERROR_MALFORMED,
		    "manifest, byte %zu: digest is not SHA-256", xml->at);
	return end_empty(xml, XML_DSIG, "DigestMethod", err);
}

static int
decode_digest(const struct xml *xml, const char *text, size_t len,
    struct digest *ret_digest, struct error *err)
{
	char base64[BASE64_LEN];
	struct bytes data = { 0 };
	size_t used = 0;
	int rc = -1;

	for (size_t i = 0; i < len; i++) {
		if (memchr(" \t\r\n", text[i], 4) != NULL)
			continue;
		if (used == BASE64_LEN)
			return manifest_xml_malformed(xml, "DigestValue", err);
		base64[used++] = text[i];
	}
	if (base64_parse(base64, used, &data, err) < 0 ||
	    data.len != DIGEST_LEN) {
		manifest_xml_malformed(xml, "DigestValue", err);
		goto done;
	}
	memcpy(ret_digest->bytes, data.data, DIGEST_LEN);
	rc = 0;
done:
	bytes_free(&data);
	return rc;
}

static int
read_digest(struct xml *xml, struct digest *ret_digest, struct error *err)
{
	const char *text;
	size_t len;

	if (manifest_xml_next(xml, err) < 0)
		return -1;
	if (!manifest_xml_begins(xml, XML_DSIG, "DigestValue") ||
	    xml->tag.is_empty || xml->tag.attribute_count > 0)
		return manifest_xml_malformed(xml, "DigestValue is missing",
		    err);
	text = manifest_xml_text(xml, &len);
	if (decode_digest(xml, text, len, ret_digest, err) < 0 ||
	    manifest_xml_next(xml, err) < 0)
		return -1;
	if (!manifest_xml_ends(xml, XML_DSIG, "DigestValue"))
		return manifest_xml_malformed(xml, "DigestValue does not end",
		    err);
	return 0;
}

static int
read_file(struct xml *xml, struct manifest *manifest, struct error *err)
{
	static const char *const names[] = { "URI", "MimeType", "Rootfile" };
	char name[MANIFEST_NAME_MAX + 1];
	struct digest sha256;

	if (!manifest_xml_begins(xml, XML_ASIC, "DataObjectReference") ||
	    xml->tag.is_empty)
		return manifest_xml_malformed(xml,
		    "DataObjectReference is missing", err);
	if (only_attributes(xml, names, 3, err) < 0 ||
	    read_uri(xml, name, err) < 0 || read_method(xml, err) < 0 ||
	    read_digest(xml, &sha256, err) < 0 ||
	    manifest_xml_next(xml, err) < 0)
		return -1;
	if (!manifest_xml_ends(xml, XML_ASIC, "DataObjectReference"))
		return manifest_xml_malformed(xml,
		    "DataObjectReference does not end", err);
	return manifest_add(manifest, name, &sha256, err);
}

static int
read_manifest(struct xml *xml, struct manifest *manifest, struct error *err)
{
	if (manifest_xml_next(xml, err) < 0)
		return -1;
	if (!manifest_xml_begins(xml, XML_ASIC, "ASiCManifest") ||
	    xml->tag.is_empty || xml->tag.attribute_count > 0)
		return manifest_xml_malformed(xml, "ASiCManifest is missing",
		    err);
	if (manifest_xml_next(xml, err) < 0 ||
	    read_signature(xml, manifest, err) < 0)
		return -1;
	for (;;) {
		if (manifest_xml_next(xml, err) < 0)
			return -1;
		if (manifest_xml_ends(xml, XML_ASIC, "ASiCManifest"))
			break;
		if (read_file(xml, manifest, err) < 0)
			return -1;
	}
	if (manifest->file_count == 0)
		return manifest_xml_malformed(xml, "no files", err);
	return manifest_xml_is_over(xml)
	    ? 0
	    : manifest_xml_malformed(xml, "something follows its end", err);
}

int
manifest_parse(const void *data, size_t len, struct manifest *ret_manifest,
    struct error *err)
{
	struct manifest manifest = { 0 };
	struct xml *xml = NULL;
	int rc = -1;

	memset(ret_manifest, 0, sizeof(*ret_manifest));
	if (len > MANIFEST_BYTES_MAX)
		return error_set_id(err, "E3204", ERROR_MALFORMED,
		    "manifest of %zu bytes", len);
	xml = malloc(sizeof(*xml));
	if (xml == NULL)
		return error_set_memory(err);

	if (manifest_xml_begin(xml, data, len, err) < 0)
		goto done;
	if (read_manifest(xml, &manifest, err) < 0)
		goto done;
	*ret_manifest = manifest;
	memset(&manifest, 0, sizeof(manifest));
	rc = 0;
done:
	manifest_free(&manifest);
	free(xml);
	return rc;
}
