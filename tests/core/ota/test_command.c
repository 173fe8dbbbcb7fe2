// SPDX-License-Identifier: MIT
#include "core/ota/command.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/ota/files.h"
#include "tests/core/conf/host_crypto.h"
#include "tests/core/storage_ram.h"
#include "tests/core/test.h"

#define TEXT_PATH BLOX_FILE_LIST_NEW

static struct storage_ram ram;
static struct conf_crypto crypto;
static struct blox_command command;
static char sentence[160], reply[BLOX_COMMAND_REPLY_MAX];
static struct blox_text why;
static int steps;

static int setup(void **state) {
    (void)state;
    storage_ram_init(&ram);
    storage_ram_mkdir(&ram, "/.blox");
    conf_crypto_open(&crypto);
    blox_text_init(&why, sentence, sizeof sentence);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    conf_crypto_close(&crypto);
    storage_ram_free(&ram);
    return 0;
}

static int tell(const char *text, const char *updater_state, bool trusted) {
    struct blox_command_config config = {
        .storage = &ram.ops,
        .sha256 = &crypto.hash,
        .path = TEXT_PATH,
        .trusted = trusted,
        .state = blox_span_text(updater_state),
        .why = &why,
    };
    storage_ram_put(&ram, TEXT_PATH, text, strlen(text));
    blox_command_init(&command, &config);
    int result = 1;
    for (steps = 0; result == 1; ++steps) {
        result = blox_command_step(&command);
    }
    struct blox_text written;
    blox_text_init(&written, reply, sizeof reply);
    blox_command_reply(&command, &written);
    assert_false(written.cut);
    blox_command_close(&command);
    return result;
}

static void assert_told(const char *text, const char *updater_state, int result,
                        enum blox_command_action action, const char *expected) {
    assert_int_equal(tell(text, updater_state, true), result);
    assert_int_equal(command.action, action);
    assert_string_equal(reply, expected);
}

static void put_journal(const char *name) {
    char text[80] = "blox-journal 1 ";
    strcat(strcat(text, name), " 00000000\n");
    storage_ram_put(&ram, "/.blox/journal", text, strlen(text));
}

static void answers_with_the_id_it_was_sent(void **state) {
    (void)state;
    assert_told("{\"cmd\":\"reboot\"}", "idle", 0, BLOX_COMMAND_REBOOT,
                "{\"cmd\":\"reboot\",\"ok\":true}");
    assert_told("{\"cmd\":\"info\",\"id\":-1.5}", "idle", 0, BLOX_COMMAND_INFO,
                "{\"cmd\":\"info\",\"id\":-1.5,\"ok\":true}");
    assert_told("[{\"type\":\"command\",\"id\":\"a\\\"b\",\"cmd\":\"info\"}]",
                "idle", 0, BLOX_COMMAND_INFO,
                "{\"cmd\":\"info\",\"id\":\"a\\\"b\",\"ok\":true}");
}

static void names_what_it_does_not_know(void **state) {
    (void)state;
    assert_told("{\"cmd\":\"dance\",\"id\":1}", "idle", BLOX_ERROR_UNSUPPORTED,
                BLOX_COMMAND_NONE,
                "{\"cmd\":\"dance\",\"id\":1,\"ok\":false,\"error\":\"command "
                "'dance': this version does not know it\"}");
}

// An answer finds its question when the list's reader refuses the command, too.
static void a_refusal_has_the_id_if_it_could_be_read(void **state) {
    (void)state;
    static const struct {
        const char *text, *begins;
    } cases[] = {
        {"{\"cmd\":\"hash\",\"path\":\"../x\",\"id\":7}",
         "{\"cmd\":\"hash\",\"id\":7,\"ok\":false,"},
        {"{\"path\":5,\"id\":\"a\",\"cmd\":\"hash\"}",
         "{\"cmd\":\"hash\",\"id\":\"a\",\"ok\":false,"},
        {"{\"command\":\"reboot\",\"id\":7}",
         "{\"cmd\":null,\"id\":7,\"ok\":false,"},
        {"[{\"type\":\"command\",\"cmd\":\"hash\",\"id\":7,\"path\":\"/\"}]",
         "{\"cmd\":\"hash\",\"id\":7,\"ok\":false,"},
        {"{\"cmd\":\"reboot\",\"id\":7", "{\"cmd\":\"reboot\",\"ok\":false,"},
        {"{\"cmd\":\"reboot\",\"id\":true}",
         "{\"cmd\":\"reboot\",\"ok\":false,"},
        {"[{\"type\":\"delete\",\"path\":\"/x\",\"id\":7}]",
         "{\"cmd\":null,\"ok\":false,"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        assert_true(tell(cases[i].text, "idle", true) < 0);
        assert_memory_equal(reply, cases[i].begins, strlen(cases[i].begins));
    }
}

static void refuses_what_is_no_command(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int error;
        const char *named, *says;
    } cases[] = {
        {"{\"cmd\":\"reboot\"", BLOX_ERROR_FORMAT, "\"reboot\"", "ends"},
        {"{\"cmd\":\"reboot\"} x", BLOX_ERROR_FORMAT, "\"reboot\"", "column"},
        {"{\"cmd\" \"reboot\"}", BLOX_ERROR_FORMAT, "null", "column"},
        {"{\"command\":\"reboot\"}", BLOX_ERROR_FORMAT, "null", "missing"},
        {"{\"cmd\":\"hash\",\"path\":\"../x\"}", BLOX_ERROR_PATH, "\"hash\"",
         "'../x'"},
        {"{\"cmd\":\"hash\",\"path\":\".BLOX/src\"}", BLOX_ERROR_PATH,
         "\"hash\"", "'.BLOX/src'"},
        {"{\"cmd\":\"hash\",\"path\":\"provision.json\"}", BLOX_ERROR_PATH,
         "\"hash\"", "secrets"},
        {"[]", BLOX_ERROR_FORMAT, "null", "none in it"},
        {"[{\"type\":\"signature\"}]", BLOX_ERROR_FORMAT, "null", "none"},
        {"[{\"type\":\"command\",\"cmd\":\"info\"},"
         "{\"type\":\"command\",\"cmd\":\"reboot\"}]",
         BLOX_ERROR_FORMAT, "\"info\"", "nothing but a signature"},
        {"[{\"type\":\"delete\",\"path\":\"x.py\"},"
         "{\"type\":\"command\",\"cmd\":\"info\"}]",
         BLOX_ERROR_FORMAT, "null", "nothing but a signature"},
        {"[{\"type\":\"command\",\"cmd\":\"info\"},"
         "{\"type\":\"delete\",\"path\":\"x.py\"}]",
         BLOX_ERROR_FORMAT, "\"info\"", "nothing but a signature"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        assert_int_equal(tell(cases[i].text, "idle", true), cases[i].error);
        assert_int_equal(command.action, BLOX_COMMAND_NONE);
        assert_non_null(strstr(reply, cases[i].named));
        assert_non_null(strstr(reply, "\"ok\":false,\"error\":\""));
        assert_non_null(strstr(reply, cases[i].says));
    }
}

static void a_device_with_a_key_obeys_two_unsigned_commands(void **state) {
    (void)state;
    static const char names[][10] = {"reboot", "rollback", "confirm", "hash"};
    char text[60];
    for (size_t i = 0; i < 4; ++i) {
        strcat(strcpy(text, "{\"cmd\":\""), names[i]);
        strcat(text, "\",\"path\":\"x.py\"}");
        assert_int_equal(tell(text, "idle", false), BLOX_ERROR_REFUSED);
        assert_non_null(strstr(reply, "it must be signed"));
    }
    assert_int_equal(tell("{\"cmd\":\"info\"}", "idle", false), BLOX_OK);
    storage_ram_put(&ram, BLOX_FILE_LIST, "[]", 2);
    assert_int_equal(tell("{\"cmd\":\"install\"}", "available", false),
                     BLOX_OK);
    assert_int_equal(command.action, BLOX_COMMAND_INSTALL);
}

static void install_says_why_there_is_nothing_to_install(void **state) {
    (void)state;
    static const struct {
        const char *state, *says;
    } cases[] = {
        {"idle", "no update waits"},      {"confirmed", "no update waits"},
        {"available", "no update waits"}, // it was withdrawn meanwhile
        {"downloading", "under way"},     {"installing", "under way"},
        {"rebooting", "under way"},       {"trial", "on trial"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        assert_int_equal(tell("{\"cmd\":\"install\"}", cases[i].state, true),
                         BLOX_ERROR_STATE);
        assert_non_null(strstr(reply, cases[i].says));
    }
    storage_ram_put(&ram, BLOX_FILE_LIST, "[]", 2);
    static const char waits[][12] = {"available", "failed", "rolled_back"};
    for (size_t i = 0; i < 3; ++i) {
        assert_int_equal(tell("{\"cmd\":\"install\"}", waits[i], true), 0);
    }
}

static void only_a_set_on_trial_is_confirmed_or_rolled_back(void **state) {
    (void)state;
    static const char none[][10] = {"confirmed", "undo", ""};
    for (size_t i = 0; i < 3; ++i) {
        if (none[i][0] != '\0') {
            put_journal(none[i]);
        } else {
            storage_ram_drop(&ram, "/.blox/journal");
        }
        assert_int_equal(tell("{\"cmd\":\"confirm\"}", "idle", true),
                         BLOX_ERROR_STATE);
        assert_non_null(strstr(reply, "no new set is on trial"));
        assert_int_equal(tell("{\"cmd\":\"rollback\"}", "idle", true),
                         BLOX_ERROR_STATE);
        assert_non_null(strstr(reply, "publish a list of the versions"));
    }
    put_journal("trial");
    assert_told("{\"cmd\":\"confirm\"}", "trial", 0, BLOX_COMMAND_CONFIRM,
                "{\"cmd\":\"confirm\",\"ok\":true}");
    assert_told("{\"cmd\":\"rollback\"}", "trial", 0, BLOX_COMMAND_ROLLBACK,
                "{\"cmd\":\"rollback\",\"ok\":true}");
}

static void hashes_a_file_piece_by_piece(void **state) {
    (void)state;
    storage_ram_put(&ram, "/x.py", "abc", 3);
    assert_told("{\"cmd\":\"hash\",\"path\":\"x.py\"}", "idle", 0,
                BLOX_COMMAND_HASH,
                "{\"cmd\":\"hash\",\"ok\":true,\"path\":\"x.py\",\"sha256\":"
                "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f200"
                "15ad\",\"size\":3}");
    static uint8_t zeros[10000];
    storage_ram_put(&ram, "/zeros", zeros, sizeof zeros);
    assert_int_equal(
        tell("{\"cmd\":\"hash\",\"path\":\"zeros\"}", "trial", true), BLOX_OK);
    assert_int_equal(steps, 11);
    assert_non_null(strstr(reply, "\"size\":10000}"));
    assert_non_null(strstr(reply, "95b532cc4381affdff0d956e12520a04129ed49d"));
}

static void says_when_there_is_no_file_to_hash(void **state) {
    (void)state;
    storage_ram_mkdir(&ram, "/lib");
    assert_int_equal(tell("{\"cmd\":\"hash\",\"path\":\"x.py\"}", "idle", true),
                     BLOX_ERROR_MISSING);
    assert_non_null(strstr(reply, "there is no such file"));
    assert_int_equal(tell("{\"cmd\":\"hash\",\"path\":\"lib\"}", "idle", true),
                     BLOX_ERROR_PATH);
    assert_non_null(strstr(reply, "that is a directory"));
    assert_int_equal(tell("{\"cmd\":\"hash\"}", "idle", true),
                     BLOX_ERROR_FORMAT);
    assert_non_null(strstr(reply, "it needs the key 'path'"));
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(answers_with_the_id_it_was_sent),
        TEST(names_what_it_does_not_know),
        TEST(a_refusal_has_the_id_if_it_could_be_read),
        TEST(refuses_what_is_no_command),
        TEST(a_device_with_a_key_obeys_two_unsigned_commands),
        TEST(install_says_why_there_is_nothing_to_install),
        TEST(only_a_set_on_trial_is_confirmed_or_rolled_back),
        TEST(hashes_a_file_piece_by_piece),
        TEST(says_when_there_is_no_file_to_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
