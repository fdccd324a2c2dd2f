#pragma once
#include "silo_fd.h"
#include "silo_process.h"
