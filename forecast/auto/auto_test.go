package auto

import (
	"testing"

	"github.com/almanac-forecast/almanac/forecast/forecasttest"
)

func TestContract(t *testing.T) { forecasttest.Run(t, Auto{}) }
