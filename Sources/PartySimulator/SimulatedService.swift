// The simulator of the party service.
