package flight

// Count returns how many calls of a kind are under way, and how many results are held.
func (g *Group) Count(kind *Kind) (underWay, held int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range g.all {
		switch {
		case f.kind != kind:
		case f.ended:
			held++
		default:
			underWay++
		}
	}
	return underWay, held
}
