"""The emulated MCU: Unicorn executes instructions, native kernels model everything around the core."""
