# FAULTS 39: B starts alone, A's IMM says off
given a pair without power
when power_on B
# A link that has just come up counts after 35 s, unless somebody is heard on it before (S13): spanning tree.
expect holder B within 50
expect alarm no-standby on B within 5
expect power A off
expect downs A 0
expect fences B 0
