/* test/lint/macros.h -- what cppcheck must know of other people's macros. */
#define json_array_foreach(array, index, value)                                                                        \
	for ((index) = 0; (index) < json_array_size(array) && ((value) = json_array_get(array, index)) != NULL;        \
		(index)++)
#define json_object_foreach(object, key, value)                                                                        \
	for ((key) = json_object_iter_key(json_object_iter(object));                                                   \
		(key) != NULL && ((value) = json_object_get(object, key)) != NULL;)
#define START_TEST(name) static void name(int _i)
#define END_TEST
