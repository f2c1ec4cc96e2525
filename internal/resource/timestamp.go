package resource

import (
	"time"
	_ "time/tzdata" // zones are known without files of the machine
)

// The timestamp formats of contract 3.5. The third is what most samples of the
// original service send; its hh is read as hours from 00 to 23.
const (
	FormatDate       = "yyyy-MM-dd"
	FormatDateTime   = "yyyy-MM-dd HH:mm:ss"
	formatDateTime12 = "yyyy-MM-dd hh:mm:ss"
)

// checkTimestampFormat checks a format against the frequency of the data, ""
// when the dataset has none.
func checkTimestampFormat(format, dataFrequency string) *Error {
	switch format {
	case "", FormatDateTime, formatDateTime12:
		return nil
	case FormatDate:
	default:
		return Errorf(InvalidInput, "The TimestampFormat '%s' is not supported: use %s for data by the day or longer, or %s", format, FormatDate, FormatDateTime)
	}
	if dataFrequency == "" {
		return nil
	}
	f, err := parseFrequency("DataFrequency", dataFrequency)
	if err != nil {
		return err
	}
	if f.subDaily() {
		return Errorf(InvalidInput, "The TimestampFormat '%s' has no time of day, but the data frequency of the dataset is %s: use %s", format, dataFrequency, FormatDateTime)
	}
	return nil
}

// checkTimeZone checks the name of a zone, such as Europe/Paris or EST.
func checkTimeZone(name string) *Error {
	if name == "" {
		return nil
	}
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return Errorf(InvalidInput, "The TimeZone '%s' is unknown: give a name of the time zone database such as Europe/Paris", name)
	}
	return nil
}
