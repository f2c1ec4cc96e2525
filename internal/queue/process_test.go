package queue_test

const childEnv = "ALMANAC_QUEUE_TEST_CHILD"

func child() int { return 0 }
