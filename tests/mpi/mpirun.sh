# What lets mpirun start more ranks than there are cores, as root, on any test machine: Open MPI 4 and 5.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
# Not through a fabric that the machine may seem to have.
export OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,vader,tcp
