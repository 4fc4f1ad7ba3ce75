package ui

import "hash/fnv"

// tintCount is the number of avatar colors in the stylesheet.
const tintCount = 8

// Tint returns the avatar color of a name or id. The colors are evenly distributed,
// also for ids that differ only in their last digit.
func Tint(id string) int {
	h := fnv.New32a()
	h.Write([]byte(id)) // returns no error
	sum := h.Sum32()
	sum = (sum ^ sum>>16) * 0x85ebca6b
	return int((sum ^ sum>>13) % tintCount)
}
