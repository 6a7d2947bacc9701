/*
 * Who does what with the program: the first words of commands ("doc" of "doc
 * send"), each told in one line, by the office whose work it is.
 */
#ifndef CLI_HELP_TOPICS_H
#define CLI_HELP_TOPICS_H

struct help_topic {
	const char *word;
	const char *zh;
	const char *en;
};

struct help_audience {
	const char *name; /* as in `yizhan help clerk` */
	const char *zh;
	const char *en;
	const struct help_topic *topics; /* ends with an empty one */
};

/* Ends with an empty one. */
extern const struct help_audience help_audiences[];

/* The audience of this name; NULL: there is none. */
const struct help_audience *help_audience_find(const char *name);

#endif
