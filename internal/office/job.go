package office

import "context"

type job struct {
	Job
	cancel context.CancelFunc
	ended  chan struct{}
}
