"""How the job is started: one machine, a Flink cluster, Dataflow, or a bounded run over files."""
