/* Control part of the test firmware: state, sensors and a function that is only reached through a pointer. */
#include "control.h"

volatile state_t g_state = ST_IDLE;
sensor_t g_sensor[COUNT];
int16_t g_table[2][3] = {{1, 2, 3}, {-1, -2, -3}};
static volatile int32_t s_error;
static uint32_t s_count;
volatile enum trim g_trim = TRIM_LOW;
const uint8_t k_limits[5] = {9, 8, 7, 6, 5};
double g_ratio = 0.5;
_Bool g_ready;
volatile uint64_t g_uptime;

static void on_event(uint32_t value)
{
    s_error += (int32_t)value;
}

struct node g_first = {&g_first, "first", on_event};

__attribute__((noinline)) static int16_t clamp(int32_t value)
{
    static uint8_t s_hits;
    if (value > 1000) {
        s_hits++;
        return 1000;
    }
    return (int16_t)value;
}

__attribute__((noinline)) void pid_step(int16_t wanted)
{
    s_count++;
    s_error = wanted - g_sensor[0].offset;
    g_table[1][2] = clamp(s_error * 3);
    if (s_error > 500) {
        g_state = ST_FAULT;
        fail_safe();
    }
    g_first.action(s_count);
}
