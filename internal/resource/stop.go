package resource

import (
	"context"
	"fmt"
	"time"
)

// Stop ends the work on a resource and on what hangs under it. A job that no
// worker has begun is CREATE_STOPPED at once; one that runs is CREATE_STOPPING
// until its worker has put away what it made.
func (s *Service) Stop(ctx context.Context, c Caller, arn string) error {
	if err := checkStoppable(arn); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		row, err := load(ctx, tx, c, arn)
		if err != nil || row.Status == CreateStopping {
			return err
		}
		if !CanMove(row.Kind, row.Status, CreateStopping) {
			return Errorf(InvalidInput, "The %s %s cannot be stopped: its status is %s, and only resources in CREATE_PENDING or CREATE_IN_PROGRESS can be", row.Kind.Label(), arn, row.Status)
		}
		if err := s.checkStops(ctx, tx, c, row.Kind); err != nil {
			return err
		}
		tree, err := treeOf(ctx, tx, row)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		for _, r := range tree {
			if !CanMove(r.Kind, r.Status, CreateStopping) {
				continue
			}
			if err := stopOne(ctx, tx, now, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// stopOne tells the worker of a job to stop, or stops a job that has none yet.
func stopOne(ctx context.Context, tx Tx, now time.Time, row Row) error {
	begun := row.Status == CreateInProgress
	if err := shift(ctx, tx, &row, now, CreateStopping); err != nil {
		return err
	}
	if begun {
		return nil
	}
	return Stopped(ctx, tx, now, row.ARN)
}

// checkStoppable refuses the kinds on which no work is ever done.
func checkStoppable(arn string) *Error {
	var jobs []Kind
	for _, k := range AllKinds() {
		if k != KindDataset && k != KindDatasetGroup {
			jobs = append(jobs, k)
		}
	}
	return checkKind("ResourceArn", arn, jobs...)
}

// checkStops is the quota on parallel stops (contract 2.8).
func (s *Service) checkStops(ctx context.Context, r Reader, c Caller, kind Kind) error {
	limit := s.quotas.StopsPerKind
	if limit == 0 {
		return nil
	}
	n, err := r.Count(ctx, c.Account, c.Region, kind, CreateStopping)
	if err != nil {
		return fmt.Errorf("count the %s being stopped: %w", kind.Plural(), err)
	}
	if n >= limit {
		return Errorf(LimitExceeded, "Quota limit of %d concurrently stopping %s has been reached", limit, kind.Plural())
	}
	return nil
}

// Resume starts a stopped monitor again. No other kind can be resumed.
func (s *Service) Resume(ctx context.Context, c Caller, arn string) error {
	if err := checkKind("ResourceArn", arn, KindMonitor); err != nil {
		return err
	}
	return s.store.View(ctx, func(r Reader) error {
		_, err := load(ctx, r, c, arn) // there are no monitors yet, so this is NotFound
		return err
	})
}
