package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Delete removes a resource, in the background except for a dataset group.
// member names the request member that held the ARN. A resource that is
// already being deleted is left to go on: clients repeat the call until the
// resource is gone.
func (s *Service) Delete(ctx context.Context, c Caller, member, arn string, kinds ...Kind) error {
	if err := checkKind(member, arn, kinds...); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		row, err := load(ctx, tx, c, arn)
		if err != nil || row.Status.Deleting() {
			return err
		}
		if err := deletable(row); err != nil {
			return err
		}
		children, err := childrenOf(ctx, tx, row, 0)
		if err != nil {
			return err
		}
		if err := onlyLeaving(row, children); err != nil {
			return err
		}
		if err := checkUnused(ctx, tx, row); err != nil {
			return err
		}
		return beginDeletion(ctx, tx, s.clock.Now(), row, len(children) > 0)
	})
}

// DeleteTree removes a resource and everything that hangs under it. When one
// of them cannot be deleted, none is.
func (s *Service) DeleteTree(ctx context.Context, c Caller, arn string) error {
	if err := checkKind("ResourceArn", arn, AllKinds()...); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		root, err := load(ctx, tx, c, arn)
		if err != nil || root.Status.Deleting() {
			return err
		}
		if err := checkUnused(ctx, tx, root); err != nil {
			return err
		}
		tree, err := treeOf(ctx, tx, root)
		if err != nil {
			return err
		}
		for _, row := range tree {
			if row.Status.Deleting() {
				continue
			}
			if err := deletable(row); err != nil {
				return err
			}
		}
		now := s.clock.Now()
		parents := map[string]bool{}
		for _, row := range tree {
			parents[row.Parent] = true
		}
		for _, row := range slices.Backward(tree) { // children before their parents
			if row.Status.Deleting() {
				continue
			}
			if err := beginDeletion(ctx, tx, now, row, parents[row.ARN]); err != nil {
				return err
			}
		}
		return nil
	})
}

// treeOf returns a row and all rows under it, parents before their children.
func treeOf(ctx context.Context, r Reader, root Row) ([]Row, error) {
	out := []Row{root}
	for i := 0; i < len(out); i++ {
		children, err := childrenOf(ctx, r, out[i], 0)
		if err != nil {
			return nil, err
		}
		out = append(out, children...)
	}
	return out, nil
}

// beginDeletion moves a row to DELETE_PENDING. A row with children waits there
// until [Remove] has taken the last of them.
func beginDeletion(ctx context.Context, tx Tx, now time.Time, row Row, hasChildren bool) error {
	if row.Kind == KindDatasetGroup && !hasChildren {
		if err := tx.Remove(ctx, row.ARN); err != nil && !errors.Is(err, ErrNoRow) {
			return fmt.Errorf("remove %s: %w", row.ARN, err)
		}
		return nil
	}
	if err := shift(ctx, tx, &row, now, DeletePending); err != nil {
		return err
	}
	if hasChildren {
		return nil
	}
	return startDelete(ctx, tx, now, row)
}

// deletable returns ResourceInUse for a resource in a state that cannot be deleted.
func deletable(row Row) error {
	if CanMove(row.Kind, row.Status, DeletePending) {
		return nil
	}
	hint := "wait until it has finished"
	switch {
	case row.Kind == KindDataset:
		hint = "wait until the import has finished"
	case row.Kind == KindMonitor:
		hint = "stop it first"
	case row.Status == CreatePending || row.Status == CreateInProgress:
		hint = "wait until it has finished, or stop it with StopResource"
	}
	return Errorf(InUse, "The %s %s cannot be deleted while its status is %s; %s", row.Kind.Label(), row.ARN, row.Status, hint)
}

// onlyLeaving returns ResourceInUse unless all children are being deleted
// themselves (contract 8.1, 40).
func onlyLeaving(row Row, children []Row) error {
	for _, child := range children {
		if !child.Status.Deleting() {
			return Errorf(InUse, "The %s %s cannot be deleted because the %s %s (%s) belongs to it; delete that first", row.Kind.Label(), row.ARN, child.Kind.Label(), child.ARN, child.Status)
		}
	}
	return nil
}

// checkUnused returns ResourceInUse for a dataset that a live predictor was
// trained on (contract 8.1, 38). Being a member of a group is no obstacle.
func checkUnused(ctx context.Context, r Reader, row Row) error {
	if row.Kind != KindDataset {
		return nil
	}
	groups, err := groupsWith(ctx, r, row)
	if err != nil {
		return err
	}
	for _, group := range groups {
		predictors, err := r.Find(ctx, Query{
			Account: row.Account, Region: row.Region, Kind: KindPredictor,
			Filters: []Filter{{Column: ColumnParent, Value: group.ARN}},
		})
		if err != nil {
			return fmt.Errorf("find the predictors of %s: %w", group.ARN, err)
		}
		for _, p := range predictors {
			if !p.Status.Deleting() {
				return Errorf(InUse, "The dataset %s cannot be deleted because the predictor %s uses it through the dataset group %s; delete the predictor or take the dataset out of the group first", row.ARN, p.ARN, group.ARN)
			}
		}
	}
	return nil
}
