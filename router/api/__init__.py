"""REST: thin routes over the job store and the plan."""
