/* Start-up, vector table and main loop of the test firmware. */
#include "control.h"

extern uint32_t _estack, _sdata, _edata, _sidata, _sbss, _ebss;
static uint32_t s_count;
uint32_t g_ticks;

void Reset_Handler(void);
int main(void);

void Default_Handler(void)
{
    for (;;) {
    }
}

void SysTick_Handler(void)
{
    g_ticks++;
    if (g_ticks == 0xDEADBEEFu) {
        fail_safe();
    }
}

__attribute__((section(".isr_vector"), used)) void (*const vectors[16])(void) = {
    (void (*)(void))(&_estack), Reset_Handler, Default_Handler, Default_Handler, Default_Handler, Default_Handler,
    Default_Handler, 0, 0, 0, 0, Default_Handler, Default_Handler, 0, Default_Handler, SysTick_Handler,
};

__attribute__((noinline)) uint32_t flash_sum(const uint32_t *from, const uint32_t *to)
{
    uint32_t sum = 0;
    while (from < to) {
        sum += *from++;
    }
    return sum;
}

__attribute__((noinline)) void fail_safe(void)
{
    *(volatile uint32_t *)0x40010C0Cu = 0;
    for (;;) {
    }
}

static int decide(uint32_t command)
{
    switch (command) {
    case 0: return 3;
    case 1: return 14;
    case 2: return 15;
    case 3: return 92;
    case 4: return 65;
    case 5: return 35;
    default: return -1;
    }
}

/* Ends in a tail call. */
__attribute__((noinline)) uint32_t first_words(void)
{
    return flash_sum((const uint32_t *)0x08000000u, (const uint32_t *)0x08000100u);
}

/* Big enough for a jump table inside the code. */
__attribute__((noinline)) void dispatch(uint32_t command)
{
    switch (command) {
    case 0: delay_rounds(10); break;
    case 1: g_ticks = 1; delay_rounds(20); break;
    case 2: g_state = ST_IDLE; break;
    case 3: g_ticks += 7; pid_step(3); break;
    case 4: pid_step((int16_t)k_limits[g_ticks % 5u]); break;
    case 5: g_state = ST_RUN; delay_rounds(30); break;
    default: fail_safe(); break;
    }
}

int main(void)
{
    for (;;) {
        s_count++;
        if (first_words() == s_count) {
            fail_safe();
        }
        dispatch(s_count & 7u);
        pid_step((int16_t)decide(s_count & 7u));
    }
}

void Reset_Handler(void)
{
    const uint32_t *from = &_sidata;
    for (uint32_t *to = &_sdata; to < &_edata;) {
        *to++ = *from++;
    }
    for (uint32_t *to = &_sbss; to < &_ebss;) {
        *to++ = 0;
    }
    main();
    for (;;) {
    }
}
