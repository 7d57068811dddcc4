/* Types and variables shared by the two units of the test firmware. */
#ifndef CONTROL_H
#define CONTROL_H
#include <stdint.h>

#define COUNT 4u

typedef enum { ST_IDLE, ST_RUN = 5, ST_FAULT = 0x80 } state_t;
enum trim { TRIM_LOW = -3, TRIM_HIGH = 7 };

typedef struct {
    uint8_t flag : 1;
    uint8_t level : 5;
    int16_t offset;
    union {
        uint32_t word;
        uint8_t byte[4];
    } raw;
    volatile float gain;
} sensor_t;

struct node {
    struct node *next;
    const char *label;
    void (*action)(uint32_t);
};

extern volatile state_t g_state;
extern sensor_t g_sensor[COUNT];
extern int16_t g_table[2][3];
extern struct node g_first;

extern const uint8_t k_limits[5];

void delay_rounds(uint32_t rounds);
void pid_step(int16_t wanted);
uint32_t flash_sum(const uint32_t *from, const uint32_t *to);
void fail_safe(void);
#endif
