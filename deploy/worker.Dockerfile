# Worker image for Flink and Dataflow: Beam's SDK image with docbeam installed. Written, not built or run here.
#
#   docker build -f deploy/worker.Dockerfile -t REGISTRY/docbeam-worker:VERSION .
#
# Dataflow starts it with Beam's own entry point (`runner.gcp_image`). For a Flink worker pool the command is
# `python -m runners.worker_pool --port 50000`, see deploy/kubernetes/flink-session.yaml.
FROM apache/beam_python3.11_sdk:2.77.0

WORKDIR /docbeam
# The lock names the same Beam as the image, so its installation stays as it is.
COPY requirements.lock ./
RUN pip install --no-cache-dir uv==0.13.8 && uv pip install --system --no-cache -r requirements.lock

COPY . .
RUN uv pip install --system --no-cache --no-deps . && rm -rf /docbeam/build

# Models are verified against their cards while the image is built, so that a broken one is never deployed.
RUN cd / && docbeam model verify

# Pages are drawn and models run in child processes; one thread each, so that they do not compete for cores.
ENV OMP_NUM_THREADS=1 OMP_THREAD_LIMIT=1
WORKDIR /
