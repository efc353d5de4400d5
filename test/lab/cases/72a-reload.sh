# FAULTS 72: the master's configuration is reloaded; the VIP never moves
given a running pair
when hf A reload
also hf B reload
expect holder A for 4
expect fences A 0
expect fences B 0
expect power A on
expect state A MASTER
