# FAULTS 39: B starts alone, A's IMM says off
given a pair without power
when power_on B
expect holder B within 15
expect alarm no-standby on B within 5
expect power A off
