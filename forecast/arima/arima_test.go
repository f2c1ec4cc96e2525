package arima_test

import (
	"testing"

	"github.com/almanac-forecast/almanac/forecast/arima"
	"github.com/almanac-forecast/almanac/forecast/forecasttest"
)

func TestContract(t *testing.T) { forecasttest.Run(t, arima.Model{}) }
