"""Rules, one module a row family, in the order of the table; `recognise` tells what measures are from what they do."""
