# FAULTS 1: A loses its host power, its IMM lives on
given a running pair
when power_cut A
expect holder B within 10
expect page B within 5
expect power A off
expect alarm fenced on B
expect holder B for 2
expect downs A 0
expect fences B 0
