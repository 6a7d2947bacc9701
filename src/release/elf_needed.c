#include "release/elf_needed.h"

#include <elf.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

struct file {
	const uint8_t *data;
	size_t len;
	Elf64_Ehdr head;
};

bool
elf_is(const void *data, size_t len)
{
	return len >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0;
}

/* Copied, since nothing in a file is aligned for sure. */
static bool
copy(const struct file *file, uint64_t at, void *to, size_t len)
{
	if (at > file->len || len > file->len - at)
		return false;
	memcpy(to, file->data + at, len);
	return true;
}

static bool
find_segment(const struct file *file, uint32_t type, uint64_t address,
    Elf64_Phdr *ret_segment)
{
	for (uint32_t i = 0; i < file->head.e_phnum; i++) {
		Elf64_Phdr segment;

		if (!copy(file, file->head.e_phoff + i * sizeof(segment),
			&segment, sizeof(segment)))
			return false;
		if (segment.p_type != type)
			continue;
		if (type == PT_LOAD &&
		    (address < segment.p_vaddr ||
			address - segment.p_vaddr >= segment.p_filesz))
			continue;
		*ret_segment = segment;
		return true;
	}
	return false;
}

/* Where in the file the table of names lies; false if nowhere. */
static bool
find_names(const struct file *file, const Elf64_Phdr *dynamic, uint64_t *ret_at)
{
	Elf64_Phdr load;
	Elf64_Dyn entry;

	for (uint64_t at = 0; at + sizeof(entry) <= dynamic->p_filesz;
	     at += sizeof(entry)) {
		if (!copy(file, dynamic->p_offset + at, &entry,
			sizeof(entry)) ||
		    entry.d_tag == DT_NULL)
			return false;
		if (entry.d_tag != DT_STRTAB)
			continue;
		if (!find_segment(file, PT_LOAD, entry.d_un.d_ptr, &load))
			return false;
		*ret_at = load.p_offset + (entry.d_un.d_ptr - load.p_vaddr);
		return *ret_at < file->len;
	}
	return false;
}

static int
tell_names(const struct file *file, const Elf64_Phdr *dynamic, uint64_t names,
    elf_needed_fn tell, void *context, struct error *err)
{
	unsigned count = 0;
	Elf64_Dyn entry;

	for (uint64_t at = 0; at + sizeof(entry) <= dynamic->p_filesz;
	     at += sizeof(entry)) {
		uint64_t name;

		if (!copy(file, dynamic->p_offset + at, &entry,
			sizeof(entry)) ||
		    entry.d_tag == DT_NULL)
			return 0;
		if (entry.d_tag != DT_NEEDED)
			continue;
		name = names + entry.d_un.d_val;
		if (entry.d_un.d_val > file->len || name >= file->len ||
		    memchr(file->data + name, '\0', file->len - name) == NULL ||
		    ++count > ELF_NEEDED_MAX)
			return error_set(err, ERROR_MALFORMED,
			    "a library without a name");
		if (tell(context, (const char *)file->data + name, err) < 0)
			return -1;
	}
	return 0;
}

static bool
read_head(struct file *file)
{
	const Elf64_Ehdr *head = &file->head;

	return elf_is(file->data, file->len) &&
	    copy(file, 0, &file->head, sizeof(file->head)) &&
	    head->e_ident[EI_CLASS] == ELFCLASS64 &&
	    head->e_ident[EI_DATA] == ELFDATA2LSB &&
	    head->e_phentsize == sizeof(Elf64_Phdr) &&
	    head->e_phoff <= file->len;
}

int
elf_needed(const void *data, size_t len, elf_needed_fn tell, void *context,
    struct error *err)
{
	struct file file = { .data = data, .len = len };
	Elf64_Phdr dynamic;
	uint64_t names;

	if (len > ELF_FILE_MAX || !read_head(&file))
		return error_set_id(err, "E7607", ERROR_MALFORMED,
		    "it is no 64-bit ELF program");
	if (!find_segment(&file, PT_DYNAMIC, 0, &dynamic))
		return 0;
	if (dynamic.p_offset > len || !find_names(&file, &dynamic, &names))
		return error_set_id(err, "E7607", ERROR_MALFORMED,
		    "what it needs cannot be read");
	return tell_names(&file, &dynamic, names, tell, context, err);
}
