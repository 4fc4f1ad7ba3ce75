package admin

// DiskError is diskError for the external tests.
var DiskError = diskError
