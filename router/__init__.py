"""The front desk: REST, plans, jobs, licences, storage. No torch, no Ray."""
