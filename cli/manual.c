// SPDX-License-Identifier: MIT
// The manual page blox(1) in roff, for man -l and groff -man.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/verb.h"

// Prints text so that roff takes no part of it for a request or an escape.
static void escape(const char *text) {
    bool line_start = true;
    for (const char *c = text; *c != '\0'; ++c) {
        if (strncmp(c, "\n\n", 2) == 0) {
            printf("\n.PP\n");
            ++c;
            line_start = true;
            continue;
        }
        if (line_start && (*c == '.' || *c == '\'')) {
            printf("\\&");
        }
        line_start = *c == '\n';
        switch (*c) {
        case '\\':
            printf("\\e");
            break;
        case '-':
            printf("\\-");
            break;
        case '\'':
            printf("\\(aq");
            break;
        case '~':
            printf("\\(ti");
            break;
        case '^':
            printf("\\(ha");
            break;
        case '`':
            printf("\\(ga");
            break;
        default:
            putchar(*c);
        }
    }
}

static void bold(const char *text) {
    printf("\\fB");
    escape(text);
    printf("\\fR");
}

static void italic(const char *text) {
    printf("\\fI");
    escape(text);
    printf("\\fR");
}

static void print_setting(const char *setting) {
    printf(" (BLOX_");
    for (const char *c = setting; *c != '\0'; ++c) {
        putchar(toupper((unsigned char)*c));
    }
    printf(", \\(dq%s\\(dq)", setting);
}

static void print_option(const struct cli_option *option) {
    printf(".TP\n");
    if (option->letter != 0) {
        printf("\\fB\\-%c\\fR, ", option->letter);
    }
    printf("\\fB\\-\\-");
    escape(option->name);
    printf("\\fR");
    if (option->value != NULL) {
        putchar(' ');
        italic(option->value);
    }
    putchar('\n');
    escape(option->help);
    if (option->standard != NULL) {
        printf(" (default: ");
        escape(option->standard);
        putchar(')');
    }
    if (option->setting != NULL) {
        print_setting(option->setting);
    }
    putchar('\n');
}

static void print_options(const struct cli_option *options) {
    for (; options->name != NULL; ++options) {
        print_option(options);
    }
}

// Tables that several verbs share are printed once, for all.
static bool is_shared(const struct cli_option *options) {
    unsigned count = 0;
    for (size_t i = 0; cli_verbs[i] != NULL; ++i) {
        const struct cli_option_group *group = cli_verbs[i]->groups;
        for (; group != NULL && group->options != NULL; ++group) {
            count += group->options == options;
        }
    }
    return count > 1;
}

static void print_arguments(const struct cli_argument *argument) {
    for (; argument != NULL && argument->name != NULL; ++argument) {
        printf(".TP\n");
        italic(argument->name);
        putchar('\n');
        escape(argument->help);
        putchar('\n');
    }
}

static void print_examples(const struct cli_example *example) {
    for (; example != NULL && example->command != NULL; ++example) {
        printf(".PP\n");
        escape(example->does);
        printf(":\n.PP\n.in +4n\n.nf\n");
        escape(example->command);
        printf("\n.fi\n.in\n");
    }
}

static void print_verb(const struct cli_verb *verb) {
    printf(".SS \"blox ");
    cli_help_usage(verb);
    printf("\"\n");
    escape(verb->about);
    putchar('\n');
    print_arguments(verb->arguments);
    const struct cli_option_group *group = verb->groups;
    for (; group != NULL && group->options != NULL; ++group) {
        if (is_shared(group->options)) {
            printf(".PP\nThe options under\n");
            bold(group->heading);
            printf("\nbelow count, too.\n");
        } else {
            print_options(group->options);
        }
    }
    print_examples(verb->examples);
}

// Prints the group with each shared table, when verb is the first to have it.
static void print_shared(size_t verb) {
    const struct cli_option_group *group = cli_verbs[verb]->groups;
    for (; group != NULL && group->options != NULL; ++group) {
        bool earlier = !is_shared(group->options);
        for (size_t i = 0; i < verb && !earlier; ++i) {
            const struct cli_option_group *other = cli_verbs[i]->groups;
            for (; other != NULL && other->options != NULL; ++other) {
                earlier = earlier || other->options == group->options;
            }
        }
        if (!earlier) {
            printf(".SS \"%s\"\n", group->heading);
            print_options(group->options);
        }
    }
}

static void print_exits(void) {
    printf(".SH \"EXIT STATUS\"\n");
    for (int code = 0; code < CLI_EXIT_COUNT; ++code) {
        printf(".TP\n\\fB%d\\fR\n", code);
        escape(cli_exit_meaning(code));
        putchar('\n');
    }
}

static const char FRONT[] =
    ".SH NAME\nblox \\- manages devices that run mpy\\-blox over MQTT\n"
    ".SH SYNOPSIS\n\\fBblox\\fR \\fIverb\\fR [\\fIoption\\fR]... "
    "[\\fIargument\\fR]...\n"
    ".SH DESCRIPTION\n"
    "Builds packages, publishes updates and looks after the devices that take "
    "them. Tables and progress are for terminals; in a pipe there are plain "
    "lines, and with\n\\fB\\-\\-json\\fR\ndocuments for programs.\n"
    ".PP\n"
    "An option that is not given is looked for in the environment and then in "
    "the configuration file, under the names in parentheses.\n"
    ".SH VERBS\n";

static const char BACK[] =
    ".SH ENVIRONMENT\n.TP\n\\fBBLOX_*\\fR\n"
    "Options, under the names given with each.\n"
    ".TP\n\\fBNO_COLOR\\fR\nWhen set to anything, no colours.\n"
    ".TP\n\\fBCOLUMNS\\fR\nThe width of tables, when the terminal has none.\n"
    ".TP\n\\fBBLOX_CONFIG\\fR\nThe configuration file, if elsewhere.\n"
    ".SH FILES\n.TP\n\\fI\\(ti/.config/blox/config.json\\fR\n"
    "One JSON object of options, for instance {\\(dqhost\\(dq: "
    "\\(dqbroker.local\\(dq, \\(dqusername\\(dq: \\(dqdesk\\(dq}. With a "
    "password in it, let nobody else read it. XDG_CONFIG_HOME counts.\n"
    ".SH \"SEE ALSO\"\n.BR mosquitto_pub (1),\n.BR mosquitto.conf (5)\n";

void cli_manual(void) {
    printf(".\\\" SPDX-License-Identifier: MIT\n"
           ".TH BLOX 1 \"2026-11-22\" \"mpy\\-blox %s\" \"mpy\\-blox\"\n",
           BLOX_VERSION);
    printf("%s", FRONT);
    for (size_t i = 0; cli_verbs[i] != NULL; ++i) {
        print_verb(cli_verbs[i]);
    }
    printf(".SH \"OPTIONS OF SEVERAL VERBS\"\n");
    for (size_t i = 0; cli_verbs[i] != NULL; ++i) {
        print_shared(i);
    }
    print_exits();
    printf("%s", BACK);
}
