package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
)

// work is what the partitions of one training or forecast have in common.
type work struct {
	in      Inputs
	out     Output
	project projection
	done    *steps
	of      int // partitions
	report  *reporter
}

func openWork(ctx context.Context, in Inputs, plan Plan, out Output) (*work, error) {
	w := &work{in: in, out: out, of: in.Target.Partitions(), report: newReporter(in.Target.Series(), out.Report)}
	var err error
	if w.project, err = project(in.Target, plan.Dimensions); err != nil {
		return nil, err
	}
	w.done, err = openSteps(ctx, out.Steps)
	return w, err
}

// step names the step of a partition.
func (w *work) step(what string, i int) string { return fmt.Sprintf("%s-%05d-of-%05d", what, i, w.of) }

// steps is the record of finished steps, also where none is kept.
type steps struct {
	kept Steps
	done map[string]json.RawMessage
}

func openSteps(ctx context.Context, kept Steps) (*steps, error) {
	s := &steps{kept: kept}
	if kept == nil {
		return s, nil
	}
	var err error
	if s.done, err = kept.Done(ctx); err != nil {
		return nil, fmt.Errorf("pipeline: asking for the finished steps: %w", err)
	}
	return s, nil
}

// get reads what a finished step gave into v.
func (s *steps) get(name string, v any) (found bool, err error) {
	output, found := s.done[name]
	if !found {
		return false, nil
	}
	if err := json.Unmarshal(output, v); err != nil {
		return true, fmt.Errorf("pipeline: reading what step %s gave: %w", name, err)
	}
	return true, nil
}

func (s *steps) finish(ctx context.Context, name string, output any) error {
	if s.kept == nil {
		return nil
	}
	if err := s.kept.Finish(ctx, name, output); err != nil {
		return fmt.Errorf("pipeline: recording step %s: %w", name, err)
	}
	return nil
}
