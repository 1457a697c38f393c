// SPDX-License-Identifier: MIT
/* Reads, records and finds facts. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facts.h"

#define FACT_LIMIT	(1u << 20)	/* of one file; a longer one is cut */
#define EFI_GLOBAL	"8be4df61-93ca-11d2-aa0d-00e098032b8c"

enum how { CONTENT, NAME, WORDS };

/* A command line may hold secrets: of it only these beginnings of words are kept. */
static const char *const told_words[] = {
	"BOOTIF=", "ip=", "nfsroot=", "root=/dev/nfs", "root=nfs", "root=http", "vmi=", NULL
};

static const struct input {
	const char *pattern;
	enum how how;
} inputs[] = {
	{ "/proc/cmdline", WORDS },
	{ "/proc/interrupts", CONTENT },
	{ "/proc/iomem", CONTENT },
	{ "/proc/xen/capabilities", CONTENT },
	{ "/sys/bus/pci", NAME },
	{ "/sys/bus/pci/devices/*/class", CONTENT },
	{ "/sys/bus/pci/devices/*/device", CONTENT },
	{ "/sys/bus/pci/devices/*/vendor", CONTENT },
	{ "/sys/bus/virtio", NAME },
	{ "/sys/bus/virtio/devices/*", NAME },
	{ "/sys/bus/vmbus", NAME },
	{ "/sys/bus/xen", NAME },
	{ "/sys/bus/xen/devices/*", NAME },
	{ "/sys/class/dmi", NAME },
	{ "/sys/class/dmi/id/bios_vendor", CONTENT },
	{ "/sys/class/dmi/id/product_name", CONTENT },
	{ "/sys/class/dmi/id/product_version", CONTENT },
	{ "/sys/class/dmi/id/sys_vendor", CONTENT },
	{ "/sys/class/rtc/*/name", CONTENT },
	{ "/sys/devices/system/clocksource/clocksource0/available_clocksource", CONTENT },
	{ "/sys/devices/system/clocksource/clocksource0/current_clocksource", CONTENT },
	{ "/sys/firmware/acpi/tables/*", NAME },
	{ "/sys/firmware/acpi/tables/APIC", CONTENT },
	{ "/sys/firmware/acpi/tables/FACP", CONTENT },
	{ "/sys/firmware/efi", NAME },
	{ "/sys/firmware/efi/efivars/Boot[0-9A-F]*-" EFI_GLOBAL, CONTENT },
	{ "/sys/hypervisor/guest_type", CONTENT },
	{ "/sys/hypervisor/type", CONTENT },
	{ "/sys/hypervisor/version/*", CONTENT },
	{ "/sys/kernel/vmi", NAME },
	{ "/sys/kernel/vmi/*", CONTENT },
};

static struct fact *add(struct facts *facts, const char *path)
{
	struct fact *list = realloc(facts->list, (facts->count + 1) * sizeof(*list));

	if (!list)
		abort();
	facts->list = list;
	list[facts->count] = (struct fact){ .path = printable(xprintf("%s", path)) };
	return &list[facts->count++];
}

static struct fact *find(const struct facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->count; i++)
		if (!strcmp(facts->list[i].path, path))
			return &facts->list[i];
	return NULL;
}

/* The sizes that /proc and /sys state are not to be believed: read to the end. */
static int slurp(const char *path, struct blob *bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct blob all = blob_new(FACT_LIMIT + 1);
	ssize_t n = -1;
	int err;

	while (fd >= 0 && all.data && bytes->size < FACT_LIMIT) {
		n = read(fd, all.data + bytes->size, FACT_LIMIT - bytes->size);
		if (n <= 0)
			break;
		bytes->size += n;
	}
	err = n < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	bytes->data = xcalloc(bytes->size + 1, 1);
	memcpy(bytes->data, all.data, bytes->size);
	blob_free(&all);
	return err;
}

static void keep_told_words(struct blob *bytes)
{
	char *line = (char *)bytes->data, *kept = xprintf("%s", ""), *save;

	for (char *word = strtok_r(line, " \n", &save); word; word = strtok_r(NULL, " \n", &save))
		for (size_t i = 0; told_words[i]; i++)
			if (!strncmp(word, told_words[i], strlen(told_words[i]))) {
				char *more = xprintf("%s%s ", kept, told_words[i]);

				free(kept);
				kept = more;
			}
	free(bytes->data);
	*bytes = (struct blob){ .data = (uint8_t *)kept, .size = strlen(kept) };
}

static void read_one(struct facts *facts, const char *file, const char *path, enum how how)
{
	struct fact *fact = find(facts, path);
	struct stat st;
	int err;

	if (!fact)
		fact = add(facts, path);
	if (how == NAME || stat(file, &st) || !S_ISREG(st.st_mode))
		return;
	free(fact->bytes.data);
	fact->bytes = (struct blob){ 0 };
	err = slurp(file, &fact->bytes);
	if (err)
		fact->error = xprintf("%s", strerror(err));
	else if (how == WORDS)
		keep_told_words(&fact->bytes);
}

static void read_input(struct facts *facts, const char *root, const struct input *input)
{
	char *pattern = xprintf("%s%s", root, input->pattern);
	glob_t found;

	if (!glob(pattern, 0, NULL, &found)) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_one(facts, found.gl_pathv[i], found.gl_pathv[i] + strlen(root), input->how);
		globfree(&found);
	}
	free(pattern);
}

/* Lines "PATH REASON" of what the recorded machine would not show. */
static void read_errors(struct facts *facts, char *text)
{
	char *save;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *space = strchr(line, ' ');
		struct fact *fact;

		if (!space)
			continue;
		*space = 0;
		fact = find(facts, line);
		if (!fact)
			fact = add(facts, line);
		free(fact->error);
		fact->error = printable(xprintf("%s", space + 1));
	}
}

static int read_recording(struct facts *facts, const char *folder, struct why *why)
{
	char *cpuid = xprintf("%s/cpuid", folder), *errors = xprintf("%s/unread", folder);
	struct blob bytes = { 0 };
	int err = slurp(cpuid, &bytes);

	if (err)
		err = refuse(why, "is no recording: its file cpuid cannot be read: %s", strerror(err));
	else
		err = cpuid_parse(facts, (char *)bytes.data, why);
	blob_free(&bytes);
	if (!err && !slurp(errors, &bytes))
		read_errors(facts, (char *)bytes.data);
	blob_free(&bytes);
	free(cpuid);
	free(errors);
	return err;
}

int facts_read(struct facts *facts, const char *folder, struct why *why)
{
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++)
		read_input(facts, folder ? folder : "", &inputs[i]);
	if (folder)
		return read_recording(facts, folder, why);
	cpuid_read(facts);
	return 0;
}

static int make_parents(char *path, size_t from, struct why *why)
{
	for (char *p = path + from; (p = strchr(p + 1, '/')); *p = '/') {
		*p = 0;
		if (mkdir(path, 0777) && errno != EEXIST)
			return refuse(why, "%s cannot be made: %s", path, strerror(errno));
	}
	return 0;
}

static bool is_folder(const struct facts *facts, const struct fact *fact)
{
	size_t n = strlen(fact->path);

	for (size_t i = 0; i < facts->count; i++)
		if (!strncmp(facts->list[i].path, fact->path, n) && facts->list[i].path[n] == '/')
			return true;
	return false;
}

static int write_one(const struct facts *facts, const struct fact *fact, const char *folder, struct why *why)
{
	char *path = xprintf("%s%s%s", folder, fact->path, is_folder(facts, fact) ? "/" : "");
	int err = make_parents(path, strlen(folder), why);

	if (!err && !is_folder(facts, fact))
		err = file_write(path, fact->bytes.data, fact->bytes.size, 0644, why);
	free(path);
	return err;
}

static int write_text(const char *folder, const char *name, const char *text, struct why *why)
{
	char *path = xprintf("%s/%s", folder, name);
	int err = file_write(path, text, strlen(text), 0644, why);

	free(path);
	return err;
}

int facts_write(const struct facts *facts, const char *folder, struct why *why)
{
	char *cpuid = cpuid_print(facts), *errors = NULL;
	size_t size;
	FILE *out = open_memstream(&errors, &size);
	int err = mkdir(folder, 0777) ? refuse(why, "cannot be made: %s", strerror(errno)) : 0;

	for (size_t i = 0; !err && i < facts->count; i++) {
		const struct fact *fact = &facts->list[i];

		if (fact->error)
			fprintf(out, "%s %s\n", fact->path, fact->error);
		else
			err = write_one(facts, fact, folder, why);
	}
	fclose(out);
	err = err || write_text(folder, "cpuid", cpuid, why) || write_text(folder, "unread", errors, why);
	free(cpuid);
	free(errors);
	return err ? -1 : 0;
}

void facts_free(struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++) {
		free(facts->list[i].path);
		free(facts->list[i].error);
		blob_free(&facts->list[i].bytes);
	}
	free(facts->list);
	free(facts->cpuid);
	*facts = (struct facts){ 0 };
}

const struct fact *fact_next(const struct facts *facts, const struct fact *last, const char *pattern)
{
	for (size_t i = last ? last - facts->list + 1 : 0; i < facts->count; i++)
		if (!fnmatch(pattern, facts->list[i].path, FNM_PATHNAME))
			return &facts->list[i];
	return NULL;
}

char *fact_text(const struct facts *facts, const char *path)
{
	const struct fact *fact = find(facts, path);
	size_t n;

	if (!fact || !fact->bytes.data || fact->error)
		return NULL;
	n = strlen((char *)fact->bytes.data);
	while (n && strchr(" \t\n", fact->bytes.data[n - 1]))
		n--;
	/* a host may say what it likes */
	return printable(xprintf("%.*s", (int)n, fact->bytes.data));
}

bool fact_has(const struct facts *facts, const char *path, const char *text)
{
	const struct fact *fact = find(facts, path);

	return fact && fact->bytes.data && strstr((char *)fact->bytes.data, text);
}
