#include "release/sbom.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"

static const char debian_prefix[] = "pkg:deb/";
static const char soname_property[] = "yizhan:soname";

void
sbom_free(struct sbom *sbom)
{
	free(sbom->packages);
	free(sbom->sonames);
	*sbom = (struct sbom){ 0 };
}

static bool
has_package(const struct sbom *sbom, const char *name)
{
	for (size_t i = 0; i < sbom->package_count; i++)
		if (text_equal(sbom->packages[i].name, name))
			return true;
	return false;
}

bool
sbom_has_soname(const struct sbom *sbom, const char *soname)
{
	for (size_t i = 0; i < sbom->soname_count; i++)
		if (text_equal(sbom->sonames[i], soname))
			return true;
	return false;
}

/* A text that is there, is not empty and fits. */
static int
copy_member(const struct json_value *object, const char *key, char *to,
    size_t size, struct error *err)
{
	const char *text = json_value_text(json_value_member(object, key));

	if (text != NULL && text[0] != '\0' && text_copy(to, size, text))
		return 0;
	return error_set(err, ERROR_MALFORMED, "a component without %s", key);
}

static int
take_sonames(const struct json_value *properties, struct sbom *sbom,
    struct error *err)
{
	for (size_t i = 0; i < json_value_count(properties); i++) {
		const struct json_value *property =
		    json_value_item(properties, i);
		const char *name =
		    json_value_text(json_value_member(property, "name"));

		if (name == NULL || !text_equal(name, soname_property))
			continue;
		if (sbom->soname_count == SBOM_SONAMES_MAX)
			return error_set(err, ERROR_MALFORMED,
			    "more than %d libraries", SBOM_SONAMES_MAX);
		if (copy_member(property, "value",
			sbom->sonames[sbom->soname_count], SBOM_NAME_SIZE,
			err) < 0)
			return -1;
		sbom->soname_count++;
	}
	return 0;
}

static int
take_component(const struct json_value *component, struct sbom *sbom,
    struct error *err)
{
	const char *purl =
	    json_value_text(json_value_member(component, "purl"));
	struct sbom_package package;

	if (purl == NULL || !text_starts(purl, debian_prefix))
		return 0;
	if (sbom->package_count == SBOM_PACKAGES_MAX)
		return error_set(err, ERROR_MALFORMED, "more than %d packages",
		    SBOM_PACKAGES_MAX);
	if (copy_member(component, "name", package.name, sizeof(package.name),
		err) < 0 ||
	    copy_member(component, "version", package.version,
		sizeof(package.version), err) < 0)
		return -1;
	if (has_package(sbom, package.name))
		return error_set(err, ERROR_MALFORMED, "%s twice",
		    package.name);
	sbom->packages[sbom->package_count++] = package;
	return take_sonames(json_value_member(component, "properties"), sbom,
	    err);
}

static int
take(const struct json_value *root, struct sbom *sbom, struct error *err)
{
	const char *format =
	    json_value_text(json_value_member(root, "bomFormat"));
	const struct json_value *components =
	    json_value_member(root, "components");

	if (format == NULL || !text_equal(format, "CycloneDX") ||
	    !json_value_is_array(components))
		return error_set(err, ERROR_MALFORMED,
		    "it is no CycloneDX list of components");
	for (size_t i = 0; i < json_value_count(components); i++)
		if (take_component(json_value_item(components, i), sbom, err) <
		    0)
			return -1;
	return 0;
}

int
sbom_parse(const void *json, size_t len, struct sbom *ret_sbom,
    struct error *err)
{
	struct json_document *document = NULL;
	struct sbom sbom = { 0 };
	int rc = -1;

	sbom.packages = calloc(SBOM_PACKAGES_MAX, sizeof(*sbom.packages));
	sbom.sonames = calloc(SBOM_SONAMES_MAX, sizeof(*sbom.sonames));
	if (sbom.packages == NULL || sbom.sonames == NULL)
		error_set_memory(err);
	else if (json_read(json, len, SBOM_JSON_MAX, &document, err) == 0)
		rc = take(json_root(document), &sbom, err);
	json_document_free(document);
	if (rc == 0) {
		*ret_sbom = sbom;
		return 0;
	}
	sbom_free(&sbom);
	if (err->code == ERROR_MALFORMED)
		text_copy(err->id, sizeof(err->id), "E7606");
	return error_prefix(err, "the list of packages");
}
