package office

// OnDisk is what tests look at.
var OnDisk = onDisk
