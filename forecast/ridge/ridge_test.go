package ridge_test

import (
	"testing"

	"github.com/almanac-forecast/almanac/forecast/forecasttest"
	"github.com/almanac-forecast/almanac/forecast/ridge"
)

func TestContract(t *testing.T) { forecasttest.Run(t, ridge.Model{Horizon: 14}) }
