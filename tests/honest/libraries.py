"""Programs that use libraries, where they are installed."""

from tests.honest.program import honest

PROGRAMS = (
    honest(
        "numpy",
        "import numpy as np\na = np.arange(10000.).reshape(100, 100)\nprint((a @ a).shape, np.linalg.det(np.eye(3)))",
        "(100, 100) 1.0\n",
        needs="numpy",
    ),
    honest(
        "numpy_random",
        "import numpy as np\nprint(np.random.rand() != np.random.default_rng().random())",
        "True\n",
        needs="numpy",
    ),
    honest(
        "numpy_seeded",
        "import numpy as np\nnp.random.seed(0)\nprint(np.random.randint(100, size=3))",
        "[44 47 64]\n",
        needs="numpy",
    ),
    honest(
        "sympy",
        "from sympy import *\nx = symbols('x')\nprint(solve(x**2 - 5*x + 6, x), integrate(sin(x), x), Matrix([[1, 2], [3, 4]]).inv())",
        "[2, 3] -cos(x) Matrix([[-2, 1], [3/2, -1/2]])\n",
        needs="sympy",
    ),
    honest(
        "scipy",
        "from scipy.optimize import linprog, brentq\nprint(round(brentq(lambda x: x * x - 2, 0, 2), 6), linprog([1], bounds=[(3, None)]).fun)",
        "1.414214 3.0\n",
        needs="scipy",
    ),
    honest(
        "pandas",
        "import pandas as pd\nprint(pd.DataFrame({'a': [1, 2, 2]}).groupby('a').size().to_dict())",
        "{1: 1, 2: 2}\n",
        needs="pandas",
    ),
    honest(
        "networkx",
        "import networkx as nx\nprint(nx.shortest_path(nx.path_graph(5), 0, 4))",
        "[0, 1, 2, 3, 4]\n",
        needs="networkx",
    ),
    honest(
        "z3",
        "from z3 import *\nx = Int('x')\ns = Solver(); s.add(x > 2, x < 4)\nprint(s.check(), s.model()[x])",
        "sat 3\n",
        needs="z3",
    ),
    honest(
        "ortools",
        "from ortools.sat.python import cp_model\nm = cp_model.CpModel(); x = m.new_int_var(0, 9, 'x'); m.add(x >= 7); m.minimize(x)\ns = cp_model.CpSolver(); s.solve(m); print(s.value(x))",
        "7\n",
        needs="ortools",
    ),
    honest(
        "numpy_in_processes",
        "import numpy as np\nfrom multiprocessing import Pool\ndef f(n): return float(np.linalg.norm(np.ones(n)))\nif __name__ == '__main__':\n    with Pool(2) as p: print(p.map(f, [4, 9]))",
        "[2.0, 3.0]\n",
        needs="numpy",
    ),
    honest(
        "plot",
        """
        import matplotlib.pyplot as plt, os
        plt.plot([1, 2], [3, 4]); plt.title("$x^2$"); plt.savefig("plot.png"); plt.show()
        print(os.path.getsize("plot.png") > 1000)
        """,
        "True\n",
        needs="matplotlib",
    ),
    honest(
        "scipy_and_numpy",
        """
        import numpy as np
        from scipy import optimize, sparse, stats
        cost = np.array([[4, 1, 3], [2, 0, 5], [3, 2, 2]])
        rows, columns = optimize.linear_sum_assignment(cost)
        print(cost[rows, columns].sum(), sparse.eye(3).sum(), round(stats.norm.cdf(0), 3))
        """,
        "5 3.0 0.5\n",
        needs="scipy",
    ),
    honest(
        "sympy_in_processes",
        """
        from multiprocessing import Pool
        import sympy
        def factors(n): return sympy.factorint(n)
        if __name__ == "__main__":
            with Pool(2) as pool: print(pool.map(factors, [12, 97]))
        """,
        "[{2: 2, 3: 1}, {97: 1}]\n",
        needs="sympy",
    ),
    honest(
        "numpy_in_threads",
        """
        from concurrent.futures import ThreadPoolExecutor
        import numpy as np
        with ThreadPoolExecutor(4) as pool: print(sum(pool.map(lambda n: int(np.linalg.matrix_rank(np.eye(n))), range(1, 9))))
        """,
        "36\n",
        needs="numpy",
    ),
    honest(
        "numpy_file",
        "import numpy as np\nnp.save('a.npy', np.arange(3))\nprint(np.load('a.npy', mmap_mode='r').sum())",
        "3\n",
        needs="numpy",
    ),
)
