// SPDX-License-Identifier: MIT
#include "sim/vcd.h"

// Identifiers of one printable character, then of two for PWM.
static char name(int wire) {
    return (char)('0' + wire);
}

static void stamp(struct sim_vcd *vcd) {
    uint64_t now = vcd->world->clock.now;
    if (now != vcd->time) {
        vcd->time = now;
        fprintf(vcd->file, "#%llu\n", (unsigned long long)now);
    }
}

static void watch(void *context, int wire, bool level) {
    struct sim_vcd *vcd = context;
    stamp(vcd);
    fprintf(vcd->file, "%d%c\n", level, name(wire));
}

static void declare(struct sim_vcd *vcd) {
    fprintf(vcd->file, "$timescale 1 ns $end\n$scope module board $end\n");
    for (int wire = 0; wire < SIM_WIRES; wire++) {
        fprintf(vcd->file, "$var wire 1 %c gpio%d $end\n", name(wire), wire);
        fprintf(vcd->file, "$var real 64 !%c gpio%d_pwm_hz $end\n", name(wire),
                wire);
        fprintf(vcd->file, "$var real 64 \"%c gpio%d_pwm_duty $end\n",
                name(wire), wire);
    }
    fprintf(vcd->file, "$upscope $end\n$enddefinitions $end\n");
}

static void dump(struct sim_vcd *vcd) {
    fprintf(vcd->file, "#%llu\n$dumpvars\n", (unsigned long long)vcd->time);
    for (int wire = 0; wire < SIM_WIRES; wire++) {
        fprintf(vcd->file, "%d%c\nr0 !%c\nr0 \"%c\n",
                sim_wires_level(&vcd->world->wires, wire), name(wire),
                name(wire), name(wire));
    }
    fprintf(vcd->file, "$end\n");
}

int sim_vcd_open(struct sim_vcd *vcd, const char *path,
                 struct sim_world *world) {
    vcd->world = world;
    vcd->time = world->clock.now;
    vcd->file = fopen(path, "we");
    if (vcd->file == NULL) {
        return -1;
    }
    declare(vcd);
    dump(vcd);
    for (int wire = 0; wire < SIM_WIRES; wire++) {
        sim_wires_watch(&world->wires, wire, watch, vcd);
    }
    return fflush(vcd->file);
}

void sim_vcd_pwm(struct sim_vcd *vcd, int wire, double hertz, double duty) {
    if (vcd->file != NULL) {
        stamp(vcd);
        fprintf(vcd->file, "r%.16g !%c\nr%.16g \"%c\n", hertz, name(wire), duty,
                name(wire));
    }
}

void sim_vcd_flush(struct sim_vcd *vcd) {
    if (vcd->file != NULL) {
        stamp(vcd);
        fflush(vcd->file);
    }
}
