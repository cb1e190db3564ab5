"""The environment in which every notebook of the course is executed, by whatever tool."""

#: One thread: with small models two threads are slower, and sums keep their order.
KERNEL_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",  # TensorFlow's start-up notices would stand on the page
    "TF_ENABLE_ONEDNN_OPTS": "0",  # the same rounding on every processor
    "PYTHONHASHSEED": "0",
}
