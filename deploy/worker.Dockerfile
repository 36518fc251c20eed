# Worker image for Flink and Dataflow: Beam's SDK image with docbeam installed. Written, not built or run here.
#
#   docker build -f deploy/worker.Dockerfile -t REGISTRY/docbeam-worker:VERSION .
#
# It holds what a job needs at run time and nothing else: no extra of docbeam, nothing of requirements-dev.lock.
# Dataflow starts it with Beam's own entry point (`runner.gcp_image`). For a Flink worker pool the command is
# `python -m runners.worker_pool --port 50000`, see deploy/kubernetes/flink-session.yaml.
FROM apache/beam_python3.11_sdk:2.77.0

WORKDIR /docbeam
# The lock names the same Beam as the image, so its installation stays as it is. The lock is whole, so nothing else is
# looked for: rapidocr's own wish for opencv-python would bring system GL libraries and overwrite the headless one.
COPY requirements.lock requirements-devstack.in ./
# The second file names uv, which installs; it is taken out again below. Children may not write bytecode.
RUN pip install --no-cache-dir -r requirements-devstack.in \
    && uv pip install --system --no-cache --compile-bytecode --no-deps --require-hashes -r requirements.lock

COPY . .
RUN uv pip install --system --no-cache --compile-bytecode --no-deps . && rm -rf /docbeam/build && pip uninstall --yes uv

# Models are verified against their cards while the image is built, so that a broken one is never deployed.
RUN cd / && docbeam model verify

# Pages are drawn and models run in child processes; one thread each, so that they do not compete for cores.
ENV OMP_NUM_THREADS=1 OMP_THREAD_LIMIT=1
WORKDIR /
