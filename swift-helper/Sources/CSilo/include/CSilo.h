#pragma once
#include "silo_fd.h"
#include "silo_linux.h"
#include "silo_net.h"
#include "silo_process.h"
#include "silo_tool.h"
#include "silo_warm_up.h"
