package pipeline

// Fallbacks tell, by the model that was fitted, of the series for which it stands
// in, or works without a part of it, since the model that was asked for could not
// use them.
type Fallbacks map[string]Fallback

// Fallback is one entry: how many series, and the first of them with the reason.
type Fallback struct {
	Series int64    `json:"series"`
	Item   string   `json:"item"`
	Dims   []string `json:"dimensions,omitempty"`
	Reason string   `json:"reason"`
}

// add counts series that come after those counted already.
func (f Fallbacks) add(model string, more Fallback) {
	if have, ok := f[model]; ok {
		have.Series += more.Series
		more = have
	}
	f[model] = more
}
