package admin

// OnDisk is what tests look at.
var OnDisk = onDisk
